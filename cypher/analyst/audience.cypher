// Purpose: to whom an item is recommended, and what spoke most for it, with that user's rating of it.
//          predictedRating is by the active rating run, and null without one or where it says nothing.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
//          ratingAudit is the same for the rating run: LEAKS, passed or not audited; null without one.
//          ratingScale is the highest rating that can be given, where that is known.
//          askedId, asked and askedYear are the item that was meant: of several with one title that with most users.
// Params:  item (INTEGER|STRING), n (INTEGER, default 20)
// Returns: userId, rank, score, predictedRating, ratingAudit, because, rating, ratingScale, askedId, asked, askedYear, audit
// Mode:    READ, managed transaction
// Theme:   Items
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
MATCH (m:Item)
WHERE m.itemId = $item OR m.title = $item OR m.name = $item
WITH *
ORDER BY m.itemId = $item DESC, COUNT { (m)<--(:User) } DESC, m.itemId
LIMIT 1
MATCH (u:User)-[r:RECOMMENDED {runId: run.runId}]->(m)
OPTIONAL MATCH (dataset:Dataset)
WITH
  audit,
  ratingRunId,
  ratingAudit,
  u,
  r,
  m,
  dataset,
  coalesce(dataset.interactionType, 'RATED') AS interactionType
OPTIONAL MATCH (h:Item {itemId: r.evidenceIds[0]})
OPTIONAL MATCH (u)-[rated:$(interactionType)]->(h)
RETURN
  u.userId AS userId,
  r.rank AS rank,
  r.score AS score,
  CASE
    WHEN r.ratingRunId = ratingRunId THEN r.predictedRating
  END AS predictedRating,
  ratingAudit,
  coalesce(h.title, h.name, toString(h.itemId)) AS because,
  rated.rating AS rating,
  dataset.ratingScale AS ratingScale,
  m.itemId AS askedId,
  coalesce(m.title, m.name, toString(m.itemId)) AS asked,
  m.year AS askedYear,
  audit
ORDER BY rank, score DESC, userId
LIMIT toInteger($n)
