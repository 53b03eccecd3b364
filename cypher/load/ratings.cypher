// Purpose: ratings of whole users. Those of a user without any are created, which is faster; else
//          a rating of the same user and item is updated.
// Params:  groups (LIST<MAP>)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS row
MATCH (u:User {userId: row.userId})
WITH u, row, EXISTS { (u)-[:RATED]->() } AS rated
CALL (u, row, rated) {
  WITH *
  WHERE NOT rated
  UNWIND range(0, size(row.itemIds) - 1) AS n
  MATCH (i:Item {itemId: row.itemIds[n]})
  CREATE (u)-[r:RATED {seq: row.seqs[n]}]->(i)
  SET r.rating = row.ratings[n], r.timestamp = row.timestamps[n]
}
CALL (u, row, rated) {
  WITH *
  WHERE rated
  UNWIND range(0, size(row.itemIds) - 1) AS n
  MATCH (i:Item {itemId: row.itemIds[n]})
  MERGE (u)-[r:RATED]->(i)
  SET
    r.seq = row.seqs[n],
    r.rating = row.ratings[n],
    r.timestamp = row.timestamps[n]
}
