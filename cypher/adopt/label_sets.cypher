// Purpose: which labels occur together on nodes, and how often.
// Params:  none
// Returns: labels, nodes
// Mode:    READ, managed transaction
MATCH (n)
RETURN labels(n) AS labels, count(*) AS nodes
