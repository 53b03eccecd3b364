// Purpose: a user's recommendations from the active run, each with the history that spoke for it.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 10)
// Returns: rank, itemId, title, year, score, because (list of itemId, title, year, contribution)
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
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
  because
ORDER BY rank
