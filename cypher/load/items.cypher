// Purpose: create or update items, with their domain label.
// Params:  groups (LIST<MAP>), label (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS row
MERGE (i:Item {itemId: row.id})
SET i: $ ($label)
SET i += row.properties
