// Purpose: how many nodes of a role there are beside those whose keys the loads have recorded;
//          ledger is users, items or entities.
// Params:  role (STRING), ledger (STRING)
// Returns: nodes
// Mode:    READ, managed transaction
CALL () {
  MATCH (l:__Load)
  WHERE l.ledger ENDS WITH '/' + $ledger
  UNWIND l.keys AS key
  RETURN count(DISTINCT key) AS recorded
}
CALL () {
  MATCH (n:$($role))
  WHERE n.userId IS NOT NULL OR n.itemId IS NOT NULL OR n.entityId IS NOT NULL
  RETURN count(n) AS there
}
RETURN
  CASE
    WHEN recorded > 0 AND there > recorded THEN there - recorded
    ELSE 0
  END AS nodes
