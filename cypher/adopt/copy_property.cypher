// Purpose: a second name for a property, for nodes that have it and lack the second name.
// Params:  labels (LIST<STRING>), source (STRING), target (STRING)
// Returns: nodes
// Mode:    WRITE, auto-commit
MATCH (n:$any($labels))
WHERE n[$target] IS NULL AND n[$source] IS NOT NULL
CALL (n) {
  SET n[$target] = n[$source]
} IN TRANSACTIONS OF 5000 ROWS
RETURN count(n) AS nodes
