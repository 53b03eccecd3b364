// Purpose: what a user is recommended, and because of what.
// Params:  neodash_user_userid (INTEGER|STRING)
// Returns: rank, item, year, score, because
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
MATCH
  (u:User {userId: $neodash_user_userid})-[r:RECOMMENDED {runId: run.runId}]->
  (m:Item)
WHERE r.rank <= 10
CALL (r) {
  UNWIND coalesce(r.evidenceIds, [])[..3] AS evidenceId
  MATCH (h:Item {itemId: evidenceId})
  RETURN collect(coalesce(h.title, h.name, toString(h.itemId))) AS because
}
RETURN
  r.rank AS rank,
  coalesce(m.title, m.name, toString(m.itemId)) AS item,
  m.year AS year,
  round(r.score, 2) AS score,
  reduce(
    text = head(because), one IN tail(because) | text + ', ' + one) AS because
ORDER BY rank
