// Purpose: create knowledge relationships of one type that are not there yet; startRole and endRole
//          are User, Item or Entity. MERGE with a type by parameter took 30 to 100 times as long.
// Params:  groups (LIST<MAP>), type (STRING), startRole (STRING), endRole (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS row
CALL (row) {
  WITH *
  WHERE $startRole = 'User'
  MATCH (start:User {userId: row.start})
  RETURN start
    UNION ALL
  WITH *
  WHERE $startRole = 'Item'
  MATCH (start:Item {itemId: row.start})
  RETURN start
    UNION ALL
  WITH *
  WHERE $startRole = 'Entity'
  MATCH (start:Entity {entityId: row.start})
  RETURN start
}
UNWIND range(0, size(row.ends) - 1) AS n
WITH start, row.ends[n] AS endId, coalesce(row.properties[n], {}) AS properties
CALL (endId) {
  WITH *
  WHERE $endRole = 'User'
  MATCH (end:User {userId: endId})
  RETURN end
    UNION ALL
  WITH *
  WHERE $endRole = 'Item'
  MATCH (end:Item {itemId: endId})
  RETURN end
    UNION ALL
  WITH *
  WHERE $endRole = 'Entity'
  MATCH (end:Entity {entityId: endId})
  RETURN end
}
CREATE (start)-[r:$($type)]->(end)
SET r += properties
