// Purpose: leave the tasks of a run without an active run; readers see its predictions no more.
// Params:  runId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (t:Task {activeRunId: $runId})
REMOVE t.activeRunId
WITH count(*) AS tasks
MATCH (run:Run {ratingRunId: $runId})
REMOVE run.ratingRunId, run.ratingsDigest
