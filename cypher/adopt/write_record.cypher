// Purpose: say which data set this database holds, and how it was adopted.
// Params:  properties (MAP)
// Returns: nothing
// Mode:    WRITE, managed transaction
MERGE (d:Dataset {single: true})
SET d += $properties
