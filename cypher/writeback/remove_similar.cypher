// Purpose: remove the similarities of a run, some items at a time.
// Params:  runId (STRING)
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (m:Item)
CALL (m) {
  MATCH (m)-[s:SIMILAR_TO {runId: $runId}]->(:Item)
  DELETE s
} IN TRANSACTIONS OF 500 ROWS
