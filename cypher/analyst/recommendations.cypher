// Purpose: a user's recommendations from the active run, each with the history that spoke for it and the user's rating of that.
//          rated is true where the user has the item already: the run was not shown the interactions that its test holds out (reelgraph run --refit makes a run that is).
//          fallback says what users without history got instead, else it is null.
//          predictedRating is by the active rating run, and null without one or where it says nothing.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
//          ratingAudit is the same for the rating run: LEAKS, passed or not audited; null without one.
//          ratingScale is the highest rating that can be given, where that is known.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 10)
// Returns: rank, itemId, title, year, score, rated, predictedRating, ratingAudit, ratingScale, because (list of itemId, title, year, contribution, rating, ratingScale), fallback, audit
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
WITH
  run,
  audit,
  ratingRunId,
  ratingAudit,
  dataset.ratingScale AS ratingScale,
  coalesce(dataset.interactionType, 'RATED') AS interactionType
LIMIT 1
MATCH (u:User {userId: $userId})-[r:RECOMMENDED {runId: run.runId}]->(m:Item)
WHERE r.rank <= $n
WITH
  audit,
  ratingRunId,
  ratingAudit,
  ratingScale,
  interactionType,
  u,
  collect({r: r, item: m}) AS rows
CALL (u, rows, interactionType) {
  UNWIND rows AS row
  UNWIND coalesce(row.r.evidenceIds, []) AS id
  WITH DISTINCT u, interactionType, id
  MATCH (h:Item {itemId: id})
  WITH u, interactionType, collect(h) AS evidence
  CALL (u, interactionType, evidence) {
    MATCH (u)-[rated:$(interactionType)]->(h)
    WHERE h IN evidence
    WITH h, rated
    ORDER BY rated.seq DESC
    RETURN collect({item: h, rating: rated.rating}) AS ratings
  }
  UNWIND evidence AS h
  RETURN
    collect({
      itemId: h.itemId,
      title: coalesce(h.title, h.name, toString(h.itemId)),
      year: h.year,
      rating: head([one IN ratings WHERE one.item = h | one.rating])
    }) AS evidence
}
UNWIND rows AS row
WITH *, row.r AS r, row.item AS m
WITH *, coalesce(r.evidenceIds, []) AS ids, r.evidenceContributions AS parts
WITH
  *,
  [
    i IN range(0, size(ids) - 1)
    | head(
      [
        one IN evidence
        WHERE one.itemId = ids[i]
        | one {.*, contribution: parts[i], ratingScale: ratingScale}
      ])
  ] AS found
WITH *, [one IN found WHERE one IS NOT NULL] AS because
RETURN
  r.rank AS rank,
  m.itemId AS itemId,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  m.year AS year,
  r.score AS score,
  EXISTS { (u)-[:$(interactionType)]->(m) } AS rated,
  CASE
    WHEN r.ratingRunId = ratingRunId THEN r.predictedRating
  END AS predictedRating,
  ratingAudit,
  ratingScale,
  because,
  r.fallback AS fallback,
  audit
ORDER BY rank
