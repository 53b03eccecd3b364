// Purpose: what of their own history a user's state looks at most.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 20)
// Returns: rank, itemId, title, weight, rating, seq
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
MATCH (u:User {userId: $userId})-[a:ATTENDED_TO {runId: run.runId}]->(h:Item)
WHERE a.rank <= $n
OPTIONAL MATCH (u)-[rated:RATED]->(h)
RETURN
  a.rank AS rank,
  h.itemId AS itemId,
  h.title AS title,
  a.weight AS weight,
  rated.rating AS rating,
  rated.seq AS seq
ORDER BY rank
