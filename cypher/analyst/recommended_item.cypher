// Purpose: where an item stands among a user's recommendations.
// Params:  userId (INTEGER|STRING), itemId (INTEGER|STRING)
// Returns: itemId, title, year, rank, score, rated
// Mode:    READ, managed transaction
MATCH (m:Item {itemId: $itemId})
OPTIONAL MATCH (u:User {userId: $userId})
OPTIONAL MATCH (t:Task {name: 'ranking'})
OPTIONAL MATCH (dataset:Dataset)
WITH m, u, t, coalesce(dataset.interactionType, 'RATED') AS interactionType
OPTIONAL MATCH (u)-[r:RECOMMENDED {runId: t.activeRunId}]->(m)
RETURN
  m.itemId AS itemId,
  coalesce(m.title, m.name) AS title,
  m.year AS year,
  r.rank AS rank,
  r.score AS score,
  EXISTS { (u)-[:$(interactionType)]->(m) } AS rated
