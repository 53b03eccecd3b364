// Purpose: what a user is recommended by the active run.
// Phrase:  recommended to user $user
// Params:  user (INTEGER|STRING)
// Returns: path
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH
  path = (u:User {userId: $user})-[r:RECOMMENDED {runId: activeRunId}]->(:Item)
WHERE r.rank <= 10
RETURN path
