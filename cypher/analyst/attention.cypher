// Purpose: what of their own history a user's state looks at most.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
//          recency is the weight that the item's place in the history alone would have.
//          ratingScale is the highest rating that can be given, where that is known.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 20)
// Returns: rank, itemId, title, weight, recency, rating, ratingScale, seq, audit
// Mode:    READ, managed transaction
// Theme:   Reasons
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
MATCH (u:User {userId: $userId})-[a:ATTENDED_TO {runId: run.runId}]->(h:Item)
WHERE a.rank <= $n
OPTIONAL MATCH (dataset:Dataset)
WITH
  audit,
  u,
  a,
  h,
  dataset,
  coalesce(dataset.interactionType, 'RATED') AS interactionType
OPTIONAL MATCH (u)-[rated:$(interactionType)]->(h)
RETURN
  a.rank AS rank,
  h.itemId AS itemId,
  coalesce(h.title, h.name, toString(h.itemId)) AS title,
  a.weight AS weight,
  a.recency AS recency,
  rated.rating AS rating,
  dataset.ratingScale AS ratingScale,
  rated.seq AS seq,
  audit
ORDER BY rank
