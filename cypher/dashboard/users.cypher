// Purpose: how many users have recommendations of the active run.
// Params:  none
// Returns: users
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
RETURN
  COUNT {
    MATCH (u:User)
    WHERE EXISTS { (u)-[:RECOMMENDED {runId: run.runId}]->() }
  } AS users
