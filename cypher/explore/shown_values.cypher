// Purpose: values for the parameters of the analysts' queries: a user with recommendations of the active run, and the first of these.
// Params:  userId (INTEGER|STRING, default null)
// Returns: userId, item, name, pairs, titles
// Mode:    READ, managed transaction
MATCH (t:Task)
MATCH (u:User)-[r:RECOMMENDED {runId: t.activeRunId, rank: 1}]->(m:Item)
WHERE $userId IS NULL OR u.userId = $userId
RETURN
  u.userId AS userId,
  m.itemId AS item,
  coalesce(m.title, m.name, toString(m.itemId)) AS name,
  [[m.itemId, coalesce(r.evidenceIds[0], m.itemId)]] AS pairs,
  [coalesce(m.title, m.name, toString(m.itemId))] AS titles
ORDER BY t.name, r.evidenceIds IS NULL, userId
LIMIT 1
