// Purpose: knowledge edges from items to entities.
// Params:  groups (LIST<MAP>), type (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS row
MATCH (start:Item {itemId: row.start})
UNWIND row.ends AS endId
MATCH (end:Entity {entityId: endId})
MERGE (start)-[:$($type)]->(end)
