// Purpose: from which labels to which each relationship type leads, as the database counts them.
// Params:  none
// Returns: nodes (labels), relationships (types between them)
// Mode:    READ, managed transaction
CALL db.schema.visualization() YIELD nodes, relationships
RETURN nodes, relationships
