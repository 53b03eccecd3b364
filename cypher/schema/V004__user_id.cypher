// Purpose: a user has one node, found by id.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE CONSTRAINT user_id_unique IF NOT EXISTS
FOR (u:User)
REQUIRE u.userId IS UNIQUE
