// Purpose: how many nodes there are beside those of the schema, the lock and the marks of work.
// Params:  none
// Returns: nodes
// Mode:    READ, managed transaction
MATCH (n:!(__Migration|__Lock|__Unfinished))
RETURN count(n) AS nodes
