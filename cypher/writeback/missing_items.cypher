// Purpose: which of these items are not in the graph.
// Params:  ids (LIST)
// Returns: missing, examples
// Mode:    READ, managed transaction
UNWIND $ids AS id
OPTIONAL MATCH (m:Item {itemId: id})
WITH id, m
WHERE m IS NULL
RETURN count(id) AS missing, collect(id)[..3] AS examples
