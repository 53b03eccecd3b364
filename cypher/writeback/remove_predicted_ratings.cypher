// Purpose: remove what a rating run predicts from the recommendations of other runs, some users at a time.
// Params:  runId (STRING)
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (u:User)
CALL (u) {
  MATCH (u)-[r:RECOMMENDED {ratingRunId: $runId}]->(:Item)
  REMOVE r.predictedRating, r.ratingRunId
} IN TRANSACTIONS OF 200 ROWS
