// Purpose: a user's recommendations from the active run.
//          predictedRating is by the active rating run, and null without one or where it says nothing.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 10)
// Returns: rank, title, score, predictedRating
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
WITH run, run.ratingRunId AS ratingRunId
LIMIT 1
MATCH (u:User {userId: $userId})-[r:RECOMMENDED {runId: run.runId}]->(m:Item)
WHERE r.rank <= $n
RETURN
  r.rank AS rank,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  r.score AS score,
  CASE
    WHEN r.ratingRunId = ratingRunId THEN r.predictedRating
  END AS predictedRating
ORDER BY rank
