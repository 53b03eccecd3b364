// Purpose: queries find people, genres and whatever else is known by name.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE INDEX entity_name IF NOT EXISTS
FOR (e:Entity)
ON (e.name)
