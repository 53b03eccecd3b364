// Purpose: number the ratings of users who have one without seq: 1…n by (timestamp, seq, itemId), so
//          that new ones stand behind those of the same time, and ones without time last.
// Params:  none
// Returns: users, renumbered
// Mode:    WRITE, auto-commit
MATCH (u:User)
WHERE
  EXISTS {
    MATCH (u)-[r:RATED]->()
    WHERE r.seq IS NULL
  }
CALL (u) {
  MATCH (u)-[r:RATED]->(i:Item)
  WITH r
  ORDER BY r.timestamp, r.seq, i.itemId
  WITH collect(r) AS ratings
  UNWIND range(1, size(ratings)) AS seq
  WITH ratings[seq - 1] AS r, seq
  WHERE r.seq IS NULL OR r.seq <> seq
  SET r.seq = seq
  RETURN count(r) AS changed
} IN TRANSACTIONS OF 200 ROWS
RETURN count(u) AS users, sum(changed) AS renumbered
