// Purpose: create or update users.
// Params:  groups (LIST<MAP>)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS row
MERGE (u:User {userId: row.id})
SET u += row.properties
