// Purpose: what the graph says about its data set, and how many nodes have each role.
// Params:  none
// Returns: name, idSpace, interactionType, leftOutTypes, users, items, entities
// Mode:    READ, managed transaction
OPTIONAL MATCH (dataset:Dataset)
RETURN
  dataset.name AS name,
  dataset.idSpace AS idSpace,
  dataset.interactionType AS interactionType,
  dataset.leftOutTypes AS leftOutTypes,
  COUNT { (:User) } AS users,
  COUNT { (:Item) } AS items,
  COUNT { (:Entity) } AS entities
