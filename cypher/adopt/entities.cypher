// Purpose: give nodes the role of entities.
// Params:  groups (LIST<MAP>)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS row
MATCH (n)
WHERE elementId(n) = row.node
SET n :Entity, n.entityId = row.entityId
