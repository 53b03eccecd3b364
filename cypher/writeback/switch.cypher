// Purpose: the switch: from this one write on, every reader sees this run.
// Params:  task (STRING), runId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MERGE (t:Task {name: $task})
SET t.activeRunId = $runId
