// Purpose: drop a constraint.
// Params:  name (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
DROP CONSTRAINT $name IF EXISTS
