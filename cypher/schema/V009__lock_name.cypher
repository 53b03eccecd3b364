// Purpose: a lock has one node, so that two writers cannot both hold it.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE CONSTRAINT lock_name_unique IF NOT EXISTS
FOR (l:__Lock)
REQUIRE l.name IS UNIQUE
