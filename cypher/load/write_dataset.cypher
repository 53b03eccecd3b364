// Purpose: say which data set this database holds.
// Params:  name (STRING), idSpace (STRING), userIdType (STRING), itemIdType (STRING), interactionType (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MERGE (d:Dataset {single: true})
SET
  d.name = $name,
  d.idSpace = $idSpace,
  d.userIdType = $userIdType,
  d.itemIdType = $itemIdType,
  d.interactionType = $interactionType
