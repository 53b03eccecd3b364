// Purpose: a user's recommendations from the active run, each with the history that spoke for it.
//          fallback says what users without history got instead, else it is null.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 10)
// Returns: rank, itemId, title, year, score, because (list of itemId, title, year, contribution), fallback, audit
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
MATCH (u:User {userId: $userId})-[r:RECOMMENDED {runId: run.runId}]->(m:Item)
WHERE r.rank <= $n
CALL (r) {
  UNWIND range(0, size(coalesce(r.evidenceIds, [])) - 1) AS i
  MATCH (h:Item {itemId: r.evidenceIds[i]})
  WITH h, i
  ORDER BY i
  RETURN
    collect({
      itemId: h.itemId,
      title: coalesce(h.title, h.name),
      year: h.year,
      contribution: r.evidenceContributions[i]
    }) AS because
}
RETURN
  r.rank AS rank,
  m.itemId AS itemId,
  coalesce(m.title, m.name) AS title,
  m.year AS year,
  r.score AS score,
  because,
  r.fallback AS fallback,
  audit
ORDER BY rank
