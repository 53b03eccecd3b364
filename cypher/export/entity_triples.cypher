// Purpose: knowledge relationships between entities, grouped by head and type. What has a
//          timestamp is an event and no knowledge.
// Params:  leftOut (LIST<STRING>)
// Returns: head, relation, tails
// Mode:    READ, managed transaction
MATCH (head:Entity)
WHERE NOT head:Item
CALL (head) {
  MATCH (head)-[knows]->(tail:Entity)
  WHERE
    NOT tail:Item AND NOT type(knows) IN $leftOut AND knows.timestamp IS NULL
  RETURN type(knows) AS relation, collect(tail.entityId) AS tails
}
RETURN head.entityId AS head, relation, tails
