// Purpose: what this database holds: its data set, and how much of each role.
// Params:  interactionType (STRING)
// Returns: name, idSpace, userIdType, itemIdType, users, items, entities, interactions
// Mode:    READ, managed transaction
OPTIONAL MATCH (d:Dataset)
RETURN
  d.name AS name,
  d.idSpace AS idSpace,
  d.userIdType AS userIdType,
  d.itemIdType AS itemIdType,
  COUNT { (:User) } AS users,
  COUNT { (:Item) } AS items,
  COUNT { (:Entity) } AS entities,
  COUNT { ()-[:$any($interactionType)]->() } AS interactions
