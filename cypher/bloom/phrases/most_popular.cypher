// Purpose: items that most users have.
// Phrase:  top $n popular
// Params:  n (INTEGER)
// Returns: m
// Mode:    READ, managed transaction
OPTIONAL MATCH (dataset:Dataset)
WITH coalesce(dataset.interactionType, 'RATED') AS interactionType
LIMIT 1
MATCH (u:User)-[had]->(m:Item)
WHERE type(had) = interactionType
WITH m, count(*) AS users
RETURN m
ORDER BY users DESC
LIMIT toInteger($n)
