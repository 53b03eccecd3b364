// Purpose: how many nodes there are beside those of the schema and the lock.
// Params:  none
// Returns: nodes
// Mode:    READ, managed transaction
MATCH (n:!(__Migration|__Lock))
RETURN count(n) AS nodes
