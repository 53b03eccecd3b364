// Purpose: a user's recommendations from the active run.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 10)
// Returns: rank, title, score
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (u:User {userId: $userId})-[r:RECOMMENDED {runId: activeRunId}]->(m:Item)
WHERE r.rank <= $n
RETURN
  r.rank AS rank,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  r.score AS score
ORDER BY rank
