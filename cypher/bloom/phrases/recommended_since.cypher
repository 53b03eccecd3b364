// Purpose: recommendations of a user from a year on.
// Phrase:  recommended to user $user since $year
// Params:  user (INTEGER|STRING), year (INTEGER)
// Returns: path
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH
  path = (u:User {userId: $user})-[:RECOMMENDED {runId: activeRunId}]->(m:Item)
WHERE m.year >= $year
RETURN path
