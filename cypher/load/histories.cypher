// Purpose: the interactions that users have already.
// Params:  users (LIST<ANY>), type (STRING)
// Returns: userId, rows
// Mode:    READ, managed transaction
UNWIND $users AS userId
MATCH (u:User {userId: userId})
CALL (u) {
  MATCH (u)-[r:$any($type)]->(i:Item)
  RETURN collect([elementId(r), i.itemId, r.rating, r.timestamp, r.seq]) AS rows
}
RETURN userId, rows
