// Purpose: how many relationships of each type there are.
// Params:  none
// Returns: type, relationships
// Mode:    READ, managed transaction
MATCH ()-[r]->()
RETURN type(r) AS type, count(*) AS relationships
ORDER BY relationships DESC, type
