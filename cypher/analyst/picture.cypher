// Purpose: a picture for the Browser: a user's first recommendations, the history that spoke for them, and who or what both share.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 5)
// Returns: u, r, m, a, h, path
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
MATCH (u:User {userId: $userId})-[r:RECOMMENDED {runId: run.runId}]->(m:Item)
WHERE r.rank <= $n
CALL (r) {
  UNWIND coalesce(r.evidenceIds, [])[..2] AS evidenceId
  MATCH (h:Item {itemId: evidenceId})
  RETURN h
}
OPTIONAL MATCH (u)-[a:ATTENDED_TO {runId: run.runId}]->(h)
CALL (m, h) {
  OPTIONAL MATCH
    path =
      (h)-[:DIRECTED|ACTED_IN|WROTE|PRODUCED|HAS_GENRE]-
      (e:Entity)-[:DIRECTED|ACTED_IN|WROTE|PRODUCED|HAS_GENRE]-
      (m)
  RETURN path
  ORDER BY COUNT { (e)--() }
  LIMIT 2
}
RETURN u, r, m, a, h, path
