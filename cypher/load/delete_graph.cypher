// Purpose: delete some nodes of ours but not the data set's own, while this process holds the lock;
//          no row when another one has taken it.
// Params:  owner (STRING), rows (INTEGER)
// Returns: deleted
// Mode:    WRITE, managed transaction
MATCH (:__Lock {name: 'load', owner: $owner})
CALL () {
  MATCH (n:User|Item|Entity|Run|Task)
  WITH n
  LIMIT $rows
  DETACH DELETE n
  RETURN count(*) AS deleted
}
RETURN deleted
