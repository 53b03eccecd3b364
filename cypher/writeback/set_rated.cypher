// Purpose: say that all recommendations of a run have the predictions of a rating run: readers show them from now on.
// Params:  runId (STRING), ratingRunId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (run:Run {runId: $runId})
SET run.ratingRunId = $ratingRunId
