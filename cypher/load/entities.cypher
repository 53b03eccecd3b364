// Purpose: create or update entities, with their domain labels.
// Params:  groups (LIST<MAP>)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS row
MERGE (e:Entity {entityId: row.id})
SET e: $ (row.labels)
SET e += row.properties
