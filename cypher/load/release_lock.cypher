// Purpose: give the lock back.
// Params:  name (STRING), owner (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (l:__Lock {name: $name, owner: $owner})
DELETE l
