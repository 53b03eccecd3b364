// Purpose: queries find an item by its name, too.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE INDEX item_name IF NOT EXISTS
FOR (i:Item)
ON (i.name)
