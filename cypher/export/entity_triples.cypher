// Purpose: knowledge relationships between entities, grouped by head and type.
// Params:  leftOut (LIST<STRING>)
// Returns: head, relation, tails
// Mode:    READ, managed transaction
MATCH (head:Entity)
WHERE NOT head:Item
CALL (head) {
  MATCH (head)-[knows]->(tail:Entity)
  WHERE NOT tail:Item AND NOT type(knows) IN $leftOut
  RETURN type(knows) AS relation, collect(tail.entityId) AS tails
}
RETURN head.entityId AS head, relation, tails
