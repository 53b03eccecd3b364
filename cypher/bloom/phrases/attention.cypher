// Purpose: what of their history the state of a user looks at most.
// Phrase:  what user $user looks at
// Params:  user (INTEGER|STRING)
// Returns: path
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH
  path = (u:User {userId: $user})-[a:ATTENDED_TO {runId: activeRunId}]->(:Item)
WHERE a.rank <= 10
RETURN path
