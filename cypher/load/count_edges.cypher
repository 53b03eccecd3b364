// Purpose: how many relationships of each type there are.
// Params:  types (LIST<STRING>)
// Returns: type, edges
// Mode:    READ, managed transaction
UNWIND $types AS type
RETURN type, COUNT { ()-[:$any(type)]->() } AS edges
