// Purpose: an item is found by words of its title, however they are spelt; Bloom's search reads it as well.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE FULLTEXT INDEX item_words IF NOT EXISTS
FOR (i:Item)
ON EACH [i.title, i.name]
