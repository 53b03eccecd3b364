// Purpose: wait until an index answers queries.
// Params:  name (STRING), seconds (INTEGER, default 600)
// Returns: nothing
// Mode:    READ, managed transaction
CALL db.awaitIndex($name, $seconds)
