// Purpose: set properties of users from a graph job's output; null removes one.
// Params:  groups (LIST<MAP>)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS group
MATCH (u:User {userId: group.userId})
SET u += group.properties
