// Purpose: an item has one node, found by id, whatever its domain label is.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE CONSTRAINT item_id_unique IF NOT EXISTS
FOR (i:Item)
REQUIRE i.itemId IS UNIQUE
