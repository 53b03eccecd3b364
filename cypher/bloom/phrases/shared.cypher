// Purpose: what two items share.
// Phrase:  what $item and $other share
// Params:  item (INTEGER|STRING), other (INTEGER|STRING)
// Returns: path
// Mode:    READ, managed transaction
OPTIONAL MATCH (dataset:Dataset)
WITH
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  coalesce(dataset.leftOutTypes, []) AS leftOutTypes
LIMIT 1
MATCH (m:Item)
WHERE m.title = $item OR m.name = $item OR m.itemId = $item
MATCH (h:Item)
WHERE h.title = $other OR h.name = $other OR h.itemId = $other
MATCH path = (m)-[one]-(:Entity)-[two]-(h)
WHERE NOT type(one) IN leftOutTypes AND NOT type(two) IN leftOutTypes
RETURN path
LIMIT 20
