// Purpose: the items with most ratings.
// Params:  n (INTEGER, default 10)
// Returns: itemId, title, ratings
// Mode:    READ, managed transaction
MATCH (:User)-[r:RATED]->(i:Item)
RETURN i.itemId AS itemId, i.title AS title, count(r) AS ratings
ORDER BY ratings DESC, itemId
LIMIT $n
