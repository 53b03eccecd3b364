// Purpose: make the node of a run that is about to be written; no reader looks at it yet.
// Params:  runId (STRING), createdAt (STRING), properties (MAP)
// Returns: nothing
// Mode:    WRITE, managed transaction
MERGE (run:Run {runId: $runId})
SET run = $properties
SET
  run.runId = $runId,
  run.createdAt = datetime($createdAt),
  run.writtenAt = datetime(),
  run.status = 'writing'
