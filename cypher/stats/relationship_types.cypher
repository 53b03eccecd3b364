// Purpose: how many relationships of each type there are.
// Params:  none
// Returns: type, relationships
// Mode:    READ, managed transaction
CALL db.relationshipTypes() YIELD relationshipType AS type
RETURN type, COUNT { ()-[:$(type)]->() } AS relationships
ORDER BY relationships DESC, type
