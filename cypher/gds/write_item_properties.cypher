// Purpose: set properties of items from a graph job's output; null removes one.
// Params:  groups (LIST<MAP>)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS group
MATCH (m:Item {itemId: group.itemId})
SET m += group.properties
