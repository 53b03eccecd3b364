// Purpose: take a role's label from all nodes.
// Params:  role (STRING)
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (n:$($role))
CALL (n) {
  REMOVE n: $ ($role)
} IN TRANSACTIONS OF 5000 ROWS
