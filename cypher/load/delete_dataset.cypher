// Purpose: delete the data set's own node, after everything else is gone.
// Params:  owner (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (:__Lock {name: 'load', owner: $owner})
MATCH (d:Dataset)
DETACH DELETE d
