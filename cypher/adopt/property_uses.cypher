// Purpose: how many nodes of some labels have properties of these names.
// Params:  labels (LIST<STRING>), names (LIST<STRING>)
// Returns: name, nodes, types
// Mode:    READ, managed transaction
MATCH (n:$any($labels))
UNWIND $names AS name
WITH name, n[name] AS value
WHERE value IS NOT NULL
RETURN name, count(*) AS nodes, collect(DISTINCT valueType(value)) AS types
ORDER BY name
