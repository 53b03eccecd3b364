// Purpose: give the nodes of some labels a role: its label, and its id from their own key.
// Params:  labels (LIST<STRING>), role (STRING), id (STRING), key (STRING)
// Returns: nodes (that were changed)
// Mode:    WRITE, auto-commit
MATCH (n:$any($labels))
WHERE NOT $role IN labels(n) OR n[$id] IS NULL OR n[$id] <> n[$key]
CALL (n) {
  SET n: $ ($role)
  SET n[$id] = n[$key]
} IN TRANSACTIONS OF 5000 ROWS
RETURN count(n) AS nodes
