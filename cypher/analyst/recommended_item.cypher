// Purpose: the place of an item among a user's recommendations.
//          predictedRating is by the active rating run, and null without one or where it says nothing.
//          ratingAudit is LEAKS where the rating run, or the one it was fitted from, failed its audit or has a protocol that leaks.
//          ratingScale is the highest rating that can be given, where that is known.
//          An index answers with the number that it was asked for, so a float becomes an integer first.
// Params:  userId (INTEGER|STRING), item (INTEGER|STRING)
// Returns: itemId, title, year, rank, score, predictedRating, ratingAudit, ratingScale, rated
// Mode:    READ, managed transaction
// Theme:   Details
WITH
  CASE
    WHEN $item IS :: FLOAT THEN toInteger($item)
    ELSE $item
  END AS asked
MATCH (m:Item)
WHERE m.itemId = asked OR m.title = asked OR m.name = asked
WITH *
ORDER BY m.itemId = asked DESC, COUNT { (m)<--(:User) } DESC, m.itemId
LIMIT 1
OPTIONAL MATCH (u:User {userId: $userId})
OPTIONAL MATCH (t:Task {name: 'ranking'})
OPTIONAL MATCH (dataset:Dataset)
WITH
  m,
  u,
  t,
  dataset.ratingScale AS ratingScale,
  coalesce(dataset.interactionType, 'RATED') AS interactionType
OPTIONAL MATCH (run:Run {runId: t.activeRunId})
WITH m, u, ratingScale, interactionType, run, run.ratingRunId AS ratingRunId
LIMIT 1
OPTIONAL MATCH (u)-[r:RECOMMENDED {runId: run.runId}]->(m)
OPTIONAL MATCH (rating:Run {runId: ratingRunId})
OPTIONAL MATCH (rating)-[:REFIT_OF]->(ratingParent:Run)
RETURN
  m.itemId AS itemId,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  m.year AS year,
  r.rank AS rank,
  r.score AS score,
  CASE
    WHEN r.ratingRunId = ratingRunId THEN r.predictedRating
  END AS predictedRating,
  CASE
    WHEN ratingRunId IS NULL THEN null
    WHEN rating.label STARTS WITH 'LEAKS' THEN 'LEAKS'
    WHEN false IN [rating.auditPassed, ratingParent.auditPassed] THEN 'LEAKS'
    WHEN true IN [rating.auditPassed, ratingParent.auditPassed] THEN 'passed'
    ELSE 'not audited'
  END AS ratingAudit,
  ratingScale,
  EXISTS { (u)-[:$(interactionType)]->(m) } AS rated
