// Purpose: hold the write lock until this transaction ends; waits while another one holds it.
// Params:  name (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MERGE (l:__Lock {name: $name})
SET l.since = datetime()
