// Purpose: the items with most interactions among those that a user has none with: for users that the active run has no list for.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 10)
// Returns: rank, itemId, title, year, score
// Mode:    READ, managed transaction
// Theme:   Recommendations
OPTIONAL MATCH (dataset:Dataset)
WITH coalesce(dataset.interactionType, 'RATED') AS interactionType
LIMIT 1
MATCH (u:User {userId: $userId})
MATCH (m:Item)
WHERE NOT EXISTS { (u)-[:$(interactionType)]->(m) }
WITH m, COUNT { (m)<-[:$(interactionType)]-() } AS score
ORDER BY score DESC, m.itemId
LIMIT toInteger($n)
WITH collect({item: m, score: score}) AS found
UNWIND range(0, size(found) - 1) AS i
WITH i + 1 AS rank, found[i].item AS m, found[i].score AS score
RETURN
  rank,
  m.itemId AS itemId,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  m.year AS year,
  score
ORDER BY rank
