// Purpose: delete some nodes, whoever made them, but the lock and the marks of
//          work, while this process holds the lock; no row when another one has taken it.
// Params:  owner (STRING), rows (INTEGER)
// Returns: deleted
// Mode:    WRITE, managed transaction
MATCH (:__Lock {name: 'load', owner: $owner})
CALL () {
  MATCH (n:!(__Lock|__Unfinished))
  WITH n
  LIMIT $rows
  DETACH DELETE n
  RETURN count(*) AS deleted
}
RETURN deleted
