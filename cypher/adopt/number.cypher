// Purpose: seq of all interactions: 1…n by time as the source has it, finer than a second, then itemId.
// Params:  type (STRING), source (STRING, default null)
// Returns: users, renumbered
// Mode:    WRITE, auto-commit
MATCH (u:User)
CALL (u) {
  MATCH (u)-[r:$($type)]->(i:Item)
  WITH r
  ORDER BY r.timestamp, r[$source], i.itemId
  WITH collect(r) AS interactions
  UNWIND range(1, size(interactions)) AS seq
  WITH interactions[seq - 1] AS r, seq
  WHERE r.seq IS NULL OR r.seq <> seq
  SET r.seq = seq
  RETURN count(r) AS changed
} IN TRANSACTIONS OF 200 ROWS
RETURN count(u) AS users, sum(changed) AS renumbered
