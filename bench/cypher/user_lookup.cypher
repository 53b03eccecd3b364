// Purpose: one node by an index, the least that any query of one user does.
// Params:  userId (INTEGER|STRING)
// Returns: userId
// Mode:    READ, managed transaction
MATCH (u:User {userId: $userId})
RETURN u.userId AS userId
