// Purpose: leave the tasks of a run without an active run.
// Params:  runId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (t:Task {activeRunId: $runId})
REMOVE t.activeRunId
