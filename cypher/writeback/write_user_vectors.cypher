// Purpose: write user vectors and how much history they were made from into a slot.
// Params:  groups (LIST<MAP>), slot (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS group
MATCH (u:User {userId: group.userId})
SET
  u['vector' + $slot] = group.vectors[0],
  u['historyLength' + $slot] = group.historyLengths[0]
