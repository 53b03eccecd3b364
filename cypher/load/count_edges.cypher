// Purpose: how many relationships of a type there are.
// Params:  type (STRING)
// Returns: edges
// Mode:    READ, managed transaction
RETURN COUNT { ()-[:$any($type)]->() } AS edges
