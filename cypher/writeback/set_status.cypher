// Purpose: set the status of a run: ready, kept or archived.
// Params:  runId (STRING), status (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (run:Run {runId: $runId})
SET run.status = $status
REMOVE run.retiredAt
