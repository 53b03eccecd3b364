// Purpose: the place of an item among a user's recommendations.
//          An index answers with the number that it was asked for, so a float becomes an integer first.
// Params:  userId (INTEGER|STRING), itemId (INTEGER|STRING)
// Returns: itemId, title, year, rank, score, rated
// Mode:    READ, managed transaction
WITH
  CASE
    WHEN $itemId IS :: FLOAT THEN toInteger($itemId)
    ELSE $itemId
  END AS id
MATCH (m:Item {itemId: id})
OPTIONAL MATCH (u:User {userId: $userId})
OPTIONAL MATCH (t:Task {name: 'ranking'})
OPTIONAL MATCH (dataset:Dataset)
WITH m, u, t, coalesce(dataset.interactionType, 'RATED') AS interactionType
OPTIONAL MATCH (u)-[r:RECOMMENDED {runId: t.activeRunId}]->(m)
RETURN
  m.itemId AS itemId,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  m.year AS year,
  r.rank AS rank,
  r.score AS score,
  EXISTS { (u)-[:$(interactionType)]->(m) } AS rated
