// Purpose: empty a vector slot of all items.
// Params:  slot (STRING)
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (m:Item)
WHERE m['vector' + $slot] IS NOT NULL
CALL (m) {
  REMOVE m['vector' + $slot]
} IN TRANSACTIONS OF 1000 ROWS
