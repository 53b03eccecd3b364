// Purpose: a picture for the Browser: what the graph knows about an item, the best connected first, and some users who have it.
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
CALL (m, interactionType, leftOutTypes) {
  MATCH path = (m)-[known]-(e:Entity)
  WHERE NOT type(known) IN leftOutTypes
  RETURN path
  ORDER BY COUNT { (e)--() } DESC
  LIMIT toInteger($n)
    UNION
  MATCH path = (m)<-[had:$(interactionType)]-(u:User)
  RETURN path
  ORDER BY had.timestamp DESC
  LIMIT 5
}
RETURN path
