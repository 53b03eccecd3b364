// Purpose: who or what at least two of the selected items have to do with.
// Params:  nodes (LIST<STRING>)
// Returns: path
// Mode:    READ, managed transaction
OPTIONAL MATCH (dataset:Dataset)
WITH
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  coalesce(dataset.leftOutTypes, []) AS leftOutTypes
LIMIT 1
MATCH (n:Item)-[known]-(e:Entity)
WHERE elementId(n) IN $nodes AND NOT type(known) IN leftOutTypes
WITH e, collect(DISTINCT n) AS items
WHERE size(items) > 1
UNWIND items AS item
MATCH path = (item)--(e)
RETURN path
LIMIT 100
