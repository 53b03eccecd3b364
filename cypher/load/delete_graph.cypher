// Purpose: delete everything of ours but the data set's own node; nodes with other labels stay.
// Params:  none
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (n:User|Item|Entity|Run|Task)
CALL (n) {
  DETACH DELETE n
} IN TRANSACTIONS OF 500 ROWS
