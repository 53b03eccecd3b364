// Purpose: people, genres and whatever else is known are found by words of their names.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE FULLTEXT INDEX entity_words IF NOT EXISTS
FOR (e:Entity)
ON EACH [e.name]
