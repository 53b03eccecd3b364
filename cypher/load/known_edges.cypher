// Purpose: the relationships of one type that nodes have already; the roles are User, Item or Entity.
// Params:  starts (LIST<ANY>), type (STRING), startRole (STRING), endRole (STRING)
// Returns: start, rows
// Mode:    READ, managed transaction
UNWIND $starts AS startId
CALL (startId) {
  WITH *
  WHERE $startRole = 'User'
  MATCH (start:User {userId: startId})
  RETURN start
    UNION ALL
  WITH *
  WHERE $startRole = 'Item'
  MATCH (start:Item {itemId: startId})
  RETURN start
    UNION ALL
  WITH *
  WHERE $startRole = 'Entity'
  MATCH (start:Entity {entityId: startId})
  RETURN start
}
CALL (start) {
  MATCH (start)-[r:$any($type)]->(end:$($endRole))
  WITH
    elementId(r) AS id,
    CASE $endRole
      WHEN 'User' THEN end.userId
      WHEN 'Item' THEN end.itemId
      ELSE end.entityId
    END AS endId,
    properties(r) AS properties
  RETURN collect([id, endId, properties]) AS rows
}
RETURN startId AS start, rows
