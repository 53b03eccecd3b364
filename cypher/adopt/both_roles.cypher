// Purpose: how many nodes are a user and an item at once.
// Params:  users (LIST<STRING>), items (LIST<STRING>)
// Returns: nodes
// Mode:    READ, managed transaction
MATCH (n:$any($users))
WHERE any(label IN labels(n) WHERE label IN $items)
RETURN count(n) AS nodes
