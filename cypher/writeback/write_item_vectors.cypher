// Purpose: write item vectors into a slot.
// Params:  groups (LIST<MAP>), slot (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS group
MATCH (m:Item {itemId: group.itemId})
SET m['vector' + $slot] = group.vectors[0]
