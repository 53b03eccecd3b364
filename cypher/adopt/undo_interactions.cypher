// Purpose: take from interactions the properties that an adoption added.
// Params:  type (STRING), names (LIST<STRING>)
// Returns: nothing
// Mode:    WRITE, auto-commit
MATCH (u:User)
CALL (u) {
  MATCH (u)-[r:$($type)]->(:Item)
  UNWIND $names AS name
  REMOVE r[name]
} IN TRANSACTIONS OF 200 ROWS
