// Purpose: create or update items, with their domain label; defaults are for new ones only.
// Params:  groups (LIST<MAP>), label (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS row
MERGE (i:Item {itemId: row.id})
  ON CREATE SET i += row.defaults
SET i: $ ($label)
SET i += row.properties
