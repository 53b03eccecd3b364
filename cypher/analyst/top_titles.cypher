// Purpose: a user's recommendations from the active run.
//          rated is true where the user has the item already: the run was not shown the interactions that its test holds out (reelgraph run --refit makes a run that is).
//          predictedRating is by the active rating run, and null without one or where it says nothing.
//          ratingAudit is LEAKS where the rating run, or the one it was fitted from, failed its audit or has a protocol that leaks.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 10)
// Returns: rank, title, score, rated, predictedRating, ratingAudit
// Mode:    READ, managed transaction
// Theme:   Recommendations
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
WITH run, run.ratingRunId AS ratingRunId
LIMIT 1
OPTIONAL MATCH (rating:Run {runId: ratingRunId})
OPTIONAL MATCH (rating)-[:REFIT_OF]->(ratingParent:Run)
WITH
  run,
  ratingRunId,
  CASE
    WHEN ratingRunId IS NULL THEN null
    WHEN rating.label STARTS WITH 'LEAKS' THEN 'LEAKS'
    WHEN false IN [rating.auditPassed, ratingParent.auditPassed] THEN 'LEAKS'
    WHEN true IN [rating.auditPassed, ratingParent.auditPassed] THEN 'passed'
    ELSE 'not audited'
  END AS ratingAudit
OPTIONAL MATCH (dataset:Dataset)
WITH
  run,
  ratingRunId,
  ratingAudit,
  coalesce(dataset.interactionType, 'RATED') AS interactionType
LIMIT 1
MATCH (u:User {userId: $userId})-[r:RECOMMENDED {runId: run.runId}]->(m:Item)
WHERE r.rank <= $n
RETURN
  r.rank AS rank,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  r.score AS score,
  EXISTS { (u)-[:$(interactionType)]->(m) } AS rated,
  CASE
    WHEN r.ratingRunId = ratingRunId THEN r.predictedRating
  END AS predictedRating,
  ratingAudit
ORDER BY rank
