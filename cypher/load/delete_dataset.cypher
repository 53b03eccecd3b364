// Purpose: delete the data set's own node, after everything else is gone.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (d:Dataset)
DETACH DELETE d
