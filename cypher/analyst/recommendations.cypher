// Purpose: a user's recommendations from the active run, each with the history that spoke for it and the user's rating of that.
//          fallback says what users without history got instead, else it is null.
//          predictedRating is by the active rating run, and null without one or where it says nothing.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
//          ratingAudit is the same for the rating run: LEAKS, passed or not audited; null without one.
//          ratingScale is the highest rating that can be given, where that is known.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 10)
// Returns: rank, itemId, title, year, score, predictedRating, ratingAudit, ratingScale, because (list of itemId, title, year, contribution, rating, ratingScale), fallback, audit
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
MATCH (u:User {userId: $userId})-[r:RECOMMENDED {runId: run.runId}]->(m:Item)
WHERE r.rank <= $n
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
CALL (u, r, dataset, interactionType) {
  UNWIND range(0, size(coalesce(r.evidenceIds, [])) - 1) AS i
  MATCH (h:Item {itemId: r.evidenceIds[i]})
  OPTIONAL MATCH (u)-[rated:$(interactionType)]->(h)
  WITH h, i, rated, dataset
  ORDER BY i
  RETURN
    collect({
      itemId: h.itemId,
      title: coalesce(h.title, h.name, toString(h.itemId)),
      year: h.year,
      contribution: r.evidenceContributions[i],
      rating: rated.rating,
      ratingScale: dataset.ratingScale
    }) AS because
}
RETURN
  r.rank AS rank,
  m.itemId AS itemId,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  m.year AS year,
  r.score AS score,
  CASE
    WHEN r.ratingRunId = ratingRunId THEN r.predictedRating
  END AS predictedRating,
  ratingAudit,
  dataset.ratingScale AS ratingScale,
  because,
  r.fallback AS fallback,
  audit
ORDER BY rank
