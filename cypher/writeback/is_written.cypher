// Purpose: whether a run folder's content is in the graph and active.
// Params:  runId (STRING)
// Returns: written
// Mode:    READ, managed transaction
OPTIONAL MATCH (t:Task)
OPTIONAL MATCH (run:Run {runId: t.activeRunId})
WHERE run.folder = $runId
RETURN count(run) > 0 AS written
