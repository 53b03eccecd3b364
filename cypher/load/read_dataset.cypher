// Purpose: what this database holds: its data set, and how much of each role; interactionType
//          is used where there is no data set.
// Params:  interactionType (STRING)
// Returns: name, idSpace, userIdType, itemIdType, interactionType, adopted, jobProperties, users, items, entities, interactions
// Mode:    READ, managed transaction
OPTIONAL MATCH (d:Dataset)
RETURN
  d.name AS name,
  d.idSpace AS idSpace,
  d.userIdType AS userIdType,
  d.itemIdType AS itemIdType,
  d.interactionType AS interactionType,
  d.adoption IS NOT NULL AS adopted,
  coalesce(d.jobProperties, []) AS jobProperties,
  COUNT { (:User) } AS users,
  COUNT { (:Item) } AS items,
  COUNT { (:Entity) } AS entities,
  COUNT {
  ()-[:$any(coalesce(d.interactionType, $interactionType))]->()
  } AS interactions
