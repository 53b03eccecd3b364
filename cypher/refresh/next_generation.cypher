// Purpose: say that some lists of a run are made anew from what the graph has now.
// Params:  runId (STRING)
// Returns: generation (1 as it was written)
// Mode:    WRITE, managed transaction
MATCH (run:Run {runId: $runId})
SET
  run.generation = coalesce(run.generation, 1) + 1,
  run.refreshedAt = datetime()
RETURN run.generation AS generation
