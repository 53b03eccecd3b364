// Purpose: values for the parameters of the analysts' queries: a user with recommendations of the active run, and the first of these.
//          unlisted is the item with most relationships that the user has nothing to do with; null where there is none.
// Params:  userId (INTEGER|STRING, default null)
// Returns: userId, item, name, pairs, titles, unlisted
// Mode:    READ, managed transaction
MATCH (t:Task)
MATCH (u:User)-[r:RECOMMENDED {runId: t.activeRunId, rank: 1}]->(m:Item)
WHERE $userId IS NULL OR u.userId = $userId
WITH t, u, r, m, u.userId AS userId
ORDER BY t.name, r.evidenceIds IS NULL, userId
LIMIT 1
CALL (u) {
  OPTIONAL MATCH (other:Item)
  WHERE NOT EXISTS { (u)--(other) }
  WITH other, COUNT { (other)--() } AS uses
  ORDER BY uses DESC, other.itemId
  LIMIT 1
  RETURN other.itemId AS unlisted
}
RETURN
  userId,
  m.itemId AS item,
  coalesce(m.title, m.name, toString(m.itemId)) AS name,
  [[m.itemId, coalesce(r.evidenceIds[0], m.itemId)]] AS pairs,
  [coalesce(m.title, m.name, toString(m.itemId))] AS titles,
  unlisted
