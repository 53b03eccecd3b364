// Purpose: drop a model from the catalogue if it is there.
// Params:  name (STRING)
// Returns: name
// Mode:    READ, managed transaction
CALL gds.model.drop($name, false) YIELD modelName
RETURN modelName AS name
