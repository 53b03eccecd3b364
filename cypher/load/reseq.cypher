// Purpose: number the interactions of users who have one without seq: 1…n by (timestamp, seq, itemId), so
//          that new ones come after those of the same time, and ones without time last.
// Params:  type (STRING), users (LIST, default null)
// Returns: users, renumbered
// Mode:    WRITE, auto-commit
MATCH (u:User)
WHERE
  ($users IS NULL OR u.userId IN $users) AND
  EXISTS {
    MATCH (u)-[r:$($type)]->(:Item)
    WHERE r.seq IS NULL
  }
CALL (u) {
  MATCH (u)-[r:$($type)]->(i:Item)
  WITH r
  ORDER BY r.timestamp, r.seq, i.itemId
  WITH collect(r) AS interactions
  UNWIND range(1, size(interactions)) AS seq
  WITH interactions[seq - 1] AS r, seq
  WHERE r.seq IS NULL OR r.seq <> seq
  SET r.seq = seq
  RETURN count(r) AS changed
} IN TRANSACTIONS OF 200 ROWS
RETURN count(u) AS users, sum(changed) AS renumbered
