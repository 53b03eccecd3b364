// Purpose: which of these users are not in the graph.
// Params:  ids (LIST)
// Returns: missing, examples
// Mode:    READ, managed transaction
UNWIND $ids AS id
OPTIONAL MATCH (u:User {userId: id})
WITH id, u
WHERE u IS NULL
RETURN count(id) AS missing, collect(id)[..3] AS examples
