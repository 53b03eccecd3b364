// Purpose: what a user had last.
// Params:  neodash_user_userid (INTEGER|STRING)
// Returns: item, year, rating
// Mode:    READ, managed transaction
OPTIONAL MATCH (dataset:Dataset)
WITH coalesce(dataset.interactionType, 'RATED') AS interactionType
LIMIT 1
MATCH (u:User {userId: $neodash_user_userid})-[had]->(m:Item)
WHERE type(had) = interactionType
RETURN
  coalesce(m.title, m.name, toString(m.itemId)) AS item,
  m.year AS year,
  had.rating AS rating
ORDER BY had.seq DESC
LIMIT 25
