// Purpose: remove all relationships that runs wrote, some nodes at a time.
// Params:  role (STRING)
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (n:$($role))
CALL (n) {
  MATCH (n)-[r:RECOMMENDED|ATTENDED_TO|SIMILAR_TO]->()
  DELETE r
} IN TRANSACTIONS OF 200 ROWS
