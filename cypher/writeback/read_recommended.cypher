// Purpose: the stored list of every user of a run, in the order of ranks.
// Params:  runId (STRING)
// Returns: userId, items
// Mode:    READ, managed transaction
MATCH (u:User)
CALL (u) {
  MATCH (u)-[r:RECOMMENDED {runId: $runId}]->(m:Item)
  WITH r, m
  ORDER BY r.rank
  RETURN collect(m.itemId) AS items
}
WITH u, items
WHERE size(items) > 0
RETURN u.userId AS userId, items
ORDER BY userId
