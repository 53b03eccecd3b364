// Purpose: forget some entries of all loads, after what they wrote is deleted, while this process holds
//          the lock; no row when another one has taken it.
// Params:  owner (STRING), rows (INTEGER)
// Returns: deleted
// Mode:    WRITE, managed transaction
MATCH (:__Lock {name: 'load', owner: $owner})
CALL () {
  MATCH (l:__Load)
  WITH l
  LIMIT $rows
  DELETE l
  RETURN count(*) AS deleted
}
RETURN deleted
