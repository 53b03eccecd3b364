// Purpose: remove the recommendations and attention of a run, some users at a time.
// Params:  runId (STRING)
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (u:User)
CALL (u) {
  MATCH (u)-[r:RECOMMENDED|ATTENDED_TO {runId: $runId}]->(:Item)
  DELETE r
} IN TRANSACTIONS OF 200 ROWS
