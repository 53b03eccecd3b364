// Purpose: what of their own history a user's state looks at most.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 20)
// Returns: rank, itemId, title, weight, rating, seq, audit
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
WITH
  run,
  CASE
    WHEN false IN [run.auditPassed, parent.auditPassed] THEN 'LEAKS'
    WHEN true IN [run.auditPassed, parent.auditPassed] THEN 'passed'
    ELSE 'not audited'
  END AS audit
MATCH (u:User {userId: $userId})-[a:ATTENDED_TO {runId: run.runId}]->(h:Item)
WHERE a.rank <= $n
OPTIONAL MATCH (u)-[rated:RATED]->(h)
RETURN
  a.rank AS rank,
  h.itemId AS itemId,
  h.title AS title,
  a.weight AS weight,
  rated.rating AS rating,
  rated.seq AS seq,
  audit
ORDER BY rank
