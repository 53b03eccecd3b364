// Purpose: items that a person, a genre or whatever is known has to do with, the most frequent ones first.
// Phrase:  items of $entity
// Params:  entity (INTEGER|STRING)
// Returns: path
// Mode:    READ, managed transaction
OPTIONAL MATCH (dataset:Dataset)
WITH
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  coalesce(dataset.leftOutTypes, []) AS leftOutTypes
LIMIT 1
MATCH (e:Entity)
WHERE e.name = $entity OR e.title = $entity OR e.entityId = $entity
MATCH path = (e)-[known]-(m:Item)
WHERE NOT type(known) IN leftOutTypes
RETURN path
ORDER BY COUNT { (m)--(:User) } DESC
LIMIT 25
