// Purpose: queries find an item by its title, too.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE INDEX item_title IF NOT EXISTS
FOR (i:Item)
ON (i.title)
