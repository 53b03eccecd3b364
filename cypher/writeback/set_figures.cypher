// Purpose: say what an evaluation of a run found since it was written; a property that is null goes.
// Params:  runId (STRING), properties (MAP)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (run:Run {runId: $runId})
SET run += $properties
