// Purpose: take properties from nodes of some labels.
// Params:  labels (LIST<STRING>), names (LIST<STRING>)
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (n:$any($labels))
WHERE any(name IN $names WHERE n[name] IS NOT NULL)
CALL (n) {
  UNWIND $names AS name
  REMOVE n[name]
} IN TRANSACTIONS OF 5000 ROWS
