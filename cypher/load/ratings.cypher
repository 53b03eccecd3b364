// Purpose: create interactions that are not there yet, given as columns. Users and items are places
//          in the lists of ids, so that each node is looked up once. A column may be null; a node
//          that is missing is an error.
// Params:  userIds (LIST<ANY>), itemIds (LIST<ANY>), users (LIST<INTEGER>), items (LIST<INTEGER>), seqs (LIST<INTEGER>), ratings (LIST<FLOAT>, default null), timestamps (LIST<INTEGER>, default null), type (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
WITH
  COLLECT {
    UNWIND range(0, size($userIds) - 1) AS n
    OPTIONAL MATCH (u:User {userId: $userIds[n]})
    WITH u, n
    ORDER
    BY
    n
    RETURN u
  } AS users,
  COLLECT {
    UNWIND range(0, size($itemIds) - 1) AS n
    OPTIONAL MATCH (i:Item {itemId: $itemIds[n]})
    WITH i, n
    ORDER
    BY
    n
    RETURN i
  } AS items
UNWIND range(0, size($seqs) - 1) AS n
WITH
  users[$users[n]] AS u,
  items[$items[n]] AS i,
  $seqs[n] AS seq,
  $ratings[n] AS rating,
  $timestamps[n] AS time
CREATE (u)-[:$($type) {seq: seq, rating: rating, timestamp: time}]->(i)
