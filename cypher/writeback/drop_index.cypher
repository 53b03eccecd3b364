// Purpose: drop a vector index; a slot's new vectors may have another dimension.
// Params:  name (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
DROP INDEX $name IF EXISTS
