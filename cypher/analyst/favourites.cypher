// Purpose: what a user is recommended by the active ranking run, those with the highest predicted rating first.
//          predictedRating is by the active rating run; what it says nothing of is left out.
//          audit is LEAKS where the ranking run, or the one it was fitted from, failed its audit or has a protocol that leaks.
//          ratingAudit is the same for the rating run: LEAKS, passed or not audited; null without one.
//          ratingScale is the highest rating that can be given, where that is known.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 10)
// Returns: itemId, title, year, predictedRating, ratingAudit, ratingScale, rank, score, audit
// Mode:    READ, managed transaction
// Theme:   Recommendations
MATCH (t:Task {name: 'ranking'})
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
WITH run, audit, run.ratingRunId AS ratingRunId
LIMIT 1
OPTIONAL MATCH (rating:Run {runId: ratingRunId})
OPTIONAL MATCH (rating)-[:REFIT_OF]->(ratingParent:Run)
WITH
  run,
  audit,
  ratingRunId,
  CASE
    WHEN ratingRunId IS NULL THEN null
    WHEN rating.label STARTS WITH 'LEAKS' THEN 'LEAKS'
    WHEN false IN [rating.auditPassed, ratingParent.auditPassed] THEN 'LEAKS'
    WHEN true IN [rating.auditPassed, ratingParent.auditPassed] THEN 'passed'
    ELSE 'not audited'
  END AS ratingAudit
OPTIONAL MATCH (dataset:Dataset)
MATCH
  (u:User {userId: $userId})-
    [r:RECOMMENDED {runId: run.runId, ratingRunId: ratingRunId}]->
  (m:Item)
RETURN
  m.itemId AS itemId,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  m.year AS year,
  r.predictedRating AS predictedRating,
  ratingAudit,
  dataset.ratingScale AS ratingScale,
  r.rank AS rank,
  r.score AS score,
  audit
ORDER BY predictedRating DESC, rank
LIMIT toInteger($n)
