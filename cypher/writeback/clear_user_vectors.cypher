// Purpose: empty a vector slot of all users.
// Params:  slot (STRING)
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (u:User)
WHERE u['vector' + $slot] IS NOT NULL
CALL (u) {
  REMOVE u['vector' + $slot], u['historyLength' + $slot]
} IN TRANSACTIONS OF 1000 ROWS
