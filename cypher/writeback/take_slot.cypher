// Purpose: say on a run's node in which slot its vectors are.
// Params:  runId (STRING), slot (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (run:Run {runId: $runId})
SET
  run.slot = $slot,
  run.userVectorIndex = 'user_vector_' + $slot,
  run.itemVectorIndex = 'item_vector_' + $slot
