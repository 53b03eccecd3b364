// Purpose: fail where this database cannot be written to; it leaves nothing behind.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE (n:__Lock)
DELETE n
