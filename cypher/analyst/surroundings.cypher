// Purpose: a picture for the Browser: what the graph knows about an item by name, the best connected first, and some users who have it.
// Params:  item (INTEGER|STRING), n (INTEGER, default 12)
// Returns: path
// Mode:    READ, managed transaction
// Theme:   Items
OPTIONAL MATCH (dataset:Dataset)
WITH
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  coalesce(dataset.leftOutTypes, []) AS leftOutTypes
LIMIT 1
MATCH (m:Item)
WHERE m.itemId = $item OR m.title = $item OR m.name = $item
WITH *
ORDER BY m.itemId = $item DESC, COUNT { (m)<--(:User) } DESC, m.itemId
LIMIT 1
CALL (m, interactionType, leftOutTypes) {
  MATCH (m)-[known]-(e:Entity)
  WHERE
    NOT type(known) IN leftOutTypes AND coalesce(e.name, e.title) IS NOT NULL
  WITH DISTINCT m, leftOutTypes, e
  ORDER BY COUNT { (e)--() } DESC, e.entityId
  LIMIT toInteger($n)
  MATCH path = (m)-[known]-(e)
  WHERE NOT type(known) IN leftOutTypes
  RETURN path
    UNION
  MATCH path = (m)<-[had:$(interactionType)]-(u:User)
  RETURN path
  ORDER BY had.timestamp DESC
  LIMIT 5
}
RETURN path
