// Purpose: how many interactions each user has, and had when a run's list of theirs was made anew.
// Params:  type (STRING), written (STRING)
// Returns: user, events, refreshed (null where it was not)
// Mode:    READ, managed transaction
MATCH (u:User)
CALL (u) {
  WITH u
  WHERE $type = 'RATED'
  RETURN COUNT { (u)-[:RATED]->() } AS events
    UNION ALL
  WITH u
  WHERE $type <> 'RATED'
  RETURN COUNT { (u)-[:$($type)]->() } AS events
}
RETURN
  u.userId AS user,
  events,
  CASE
    WHEN u.refreshedRun = $written THEN u.refreshedEvents
  END AS refreshed
