// Purpose: knowledge edges between items.
// Params:  groups (LIST<MAP>), type (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS row
MATCH (start:Item {itemId: row.start})
UNWIND row.ends AS endId
MATCH (end:Item {itemId: endId})
MERGE (start)-[:$($type)]->(end)
