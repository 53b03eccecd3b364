// Purpose: a training run has one node.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE CONSTRAINT run_id_unique IF NOT EXISTS
FOR (r:Run)
REQUIRE r.runId IS UNIQUE
