// Purpose: the rating of each interaction, as a number under the name of the contract.
// Params:  type (STRING), source (STRING)
// Returns: interactions
// Mode:    WRITE, auto-commit
MATCH (u:User)
CALL (u) {
  MATCH (u)-[r:$($type)]->(:Item)
  WITH r, toFloat(r[$source]) AS rating
  WHERE rating IS NOT NULL AND (r.rating IS NULL OR r.rating <> rating)
  SET r.rating = rating
  RETURN count(r) AS changed
} IN TRANSACTIONS OF 200 ROWS
RETURN sum(changed) AS interactions
