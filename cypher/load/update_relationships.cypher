// Purpose: set properties of relationships that were read in this transaction.
// Params:  rows (LIST<MAP>)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $rows AS row
MATCH ()-[r]->()
WHERE elementId(r) = row.id
SET r += row.properties
