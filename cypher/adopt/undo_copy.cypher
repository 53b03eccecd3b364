// Purpose: take the copy of a property from nodes of a label; one that differs from its source is the user's.
// Params:  label (STRING), name (STRING), source (STRING)
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (n:$($label))
WHERE n[$name] = n[$source]
CALL (n) {
  REMOVE n[$name]
} IN TRANSACTIONS OF 5000 ROWS
