// Purpose: delete some relationships, whoever made them, while this process holds the lock; no row
//          when another one has taken it.
// Params:  owner (STRING), rows (INTEGER)
// Returns: deleted
// Mode:    WRITE, managed transaction
MATCH (:__Lock {name: 'load', owner: $owner})
CALL () {
  MATCH ()-[r]->()
  WITH r
  LIMIT $rows
  DELETE r
  RETURN count(*) AS deleted
}
RETURN deleted
