// Purpose: delete all nodes with one of our own labels: runs, tasks, bookkeeping, the data set's node.
// Params:  labels (LIST<STRING>), versions (LIST<STRING>, default [])
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (n:$any($labels))
WHERE n.version IS NULL OR NOT n.version IN $versions
CALL (n) {
  DETACH DELETE n
} IN TRANSACTIONS OF 5000 ROWS
