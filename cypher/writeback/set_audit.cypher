// Purpose: say what the audit of a run found since it was written.
// Params:  runId (STRING), auditPassed (BOOLEAN, default null)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (run:Run {runId: $runId})
SET run.auditPassed = $auditPassed
