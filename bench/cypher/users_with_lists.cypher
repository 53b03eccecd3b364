// Purpose: users for whom the active run has a list and a vector, those with the longest history first.
// Params:  none
// Returns: userId, length
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
MATCH (run:Run {runId: t.activeRunId})
MATCH (u:User)
WHERE
  u['vector' + run.slot] IS NOT NULL AND
  EXISTS {
  (u)-[r:RECOMMENDED {runId: run.runId}]->(:Item)
  }
RETURN u.userId AS userId, u['historyLength' + run.slot] AS length
ORDER BY length DESC, userId
