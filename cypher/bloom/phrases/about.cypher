// Purpose: what the graph knows about an item.
// Phrase:  about $item
// Params:  item (INTEGER|STRING)
// Returns: path
// Mode:    READ, managed transaction
OPTIONAL MATCH (dataset:Dataset)
WITH
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  coalesce(dataset.leftOutTypes, []) AS leftOutTypes
LIMIT 1
MATCH (m:Item)
WHERE m.title = $item OR m.name = $item OR m.itemId = $item
MATCH path = (m)-[known]-(e:Entity)
WHERE NOT type(known) IN leftOutTypes
RETURN path
ORDER BY COUNT { (e)--() } DESC
LIMIT 30
