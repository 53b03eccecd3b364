// Purpose: forget all loads, before what they wrote is deleted.
// Params:  none
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (l:__Load)
CALL (l) {
  DELETE l
} IN TRANSACTIONS OF 10000 ROWS
