// Purpose: create or update users; defaults are for new ones only.
// Params:  groups (LIST<MAP>)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS row
MERGE (u:User {userId: row.id})
  ON CREATE SET u += row.defaults
SET u += row.properties
