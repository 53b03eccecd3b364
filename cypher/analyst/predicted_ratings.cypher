// Purpose: what the active rating run predicts that a user would give, best first.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 10)
// Returns: rank, itemId, title, year, predictedRating, ratingScale, fallback, audit
// Mode:    READ, managed transaction
// Theme:   Recommendations
MATCH (t:Task {name: 'rating'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
WITH
  run,
  CASE
    WHEN run.label STARTS WITH 'LEAKS' THEN 'LEAKS'
    WHEN false IN [run.auditPassed, parent.auditPassed] THEN 'LEAKS'
    WHEN true IN [run.auditPassed, parent.auditPassed] THEN 'passed'
    ELSE 'not audited'
  END AS audit
OPTIONAL MATCH (dataset:Dataset)
MATCH (u:User {userId: $userId})-[r:RECOMMENDED {runId: run.runId}]->(m:Item)
WHERE r.rank <= $n
RETURN
  r.rank AS rank,
  m.itemId AS itemId,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  m.year AS year,
  r.predictedRating AS predictedRating,
  dataset.ratingScale AS ratingScale,
  r.fallback AS fallback,
  audit
ORDER BY rank
