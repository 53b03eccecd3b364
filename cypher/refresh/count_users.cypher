// Purpose: say again on a run's node how many users have a list of it.
// Params:  runId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (run:Run {runId: $runId})
SET
  run.users =
    COUNT {
      MATCH (u:User)
      WHERE EXISTS { (u)-[:RECOMMENDED {runId: $runId}]->(:Item) }
    }
