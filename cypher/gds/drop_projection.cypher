// Purpose: drop a projection if it is there.
// Params:  name (STRING)
// Returns: name
// Mode:    READ, managed transaction
CALL gds.graph.drop($name, false) YIELD graphName
RETURN graphName AS name
