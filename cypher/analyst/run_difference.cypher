// Purpose: a user's list of the active run beside that of another one: where each item stands in both; a rank is null where the item is not in the list.
//          otherRun is by default the newest run beside the active one; without one there are no rows. otherAudit is its label.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
// Params:  userId (INTEGER|STRING), otherRun (STRING, default null), n (INTEGER, default 10)
// Returns: itemId, title, year, rank, otherRank, runId, otherRunId, audit, otherAudit
// Mode:    READ, managed transaction
// Theme:   Runs
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
MATCH (second:Run)
WHERE
  second.task = 'ranking' AND
  second.status IN ['ready', 'kept'] AND
  second.runId <> run.runId AND
  ($otherRun IS NULL OR second.runId = $otherRun)
WITH run, audit, second
ORDER BY second.createdAt DESC, second.runId
LIMIT 1
OPTIONAL MATCH (second)-[:REFIT_OF]->(secondParent:Run)
WITH
  run,
  audit,
  second,
  CASE
    WHEN second.label STARTS WITH 'LEAKS' THEN 'LEAKS'
    WHEN false IN [second.auditPassed, secondParent.auditPassed] THEN 'LEAKS'
    WHEN true IN [second.auditPassed, secondParent.auditPassed] THEN 'passed'
    ELSE 'not audited'
  END AS otherAudit
MATCH (u:User {userId: $userId})
CALL (run, second, u) {
  MATCH (u)-[r:RECOMMENDED {runId: run.runId}]->(m:Item)
  WHERE r.rank <= $n
  RETURN m
    UNION
  MATCH (u)-[r:RECOMMENDED {runId: second.runId}]->(m:Item)
  WHERE r.rank <= $n
  RETURN m
}
OPTIONAL MATCH (u)-[r:RECOMMENDED {runId: run.runId}]->(m)
OPTIONAL MATCH (u)-[s:RECOMMENDED {runId: second.runId}]->(m)
WITH run, second, audit, otherAudit, m, r.rank AS rank, s.rank AS otherRank
RETURN
  m.itemId AS itemId,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  m.year AS year,
  rank,
  otherRank,
  run.runId AS runId,
  second.runId AS otherRunId,
  audit,
  otherAudit
ORDER BY coalesce(rank, otherRank), rank IS NULL, itemId
