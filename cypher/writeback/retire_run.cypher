// Purpose: mark a run for removal, and say for how long it has been out of use.
// Params:  runId (STRING)
// Returns: age (seconds)
// Mode:    WRITE, managed transaction
MATCH (run:Run {runId: $runId})
SET run.status = 'retired', run.retiredAt = coalesce(run.retiredAt, datetime())
RETURN (datetime().epochMillis - run.retiredAt.epochMillis) / 1000.0 AS age
