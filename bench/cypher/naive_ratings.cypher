// Purpose: ratings row by row, as one would write it first.
// Params:  rows (LIST<MAP>)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $rows AS row
MATCH (u:User {userId: row.userId})
MATCH (i:Item {itemId: row.itemId})
CREATE
  (u)-[:RATED {rating: row.rating, timestamp: row.timestamp, seq: row.seq}]->(i)
