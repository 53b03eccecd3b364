// Purpose: knowledge relationships between items and entities, grouped by head and type. A
//          node with both roles counts as an item; the head is headItem or headEntity.
// Params:  leftOut (LIST<STRING>)
// Returns: headItem, headEntity, relation, tailItems, tailEntities
// Mode:    READ, managed transaction
MATCH (head:Item|Entity)
CALL (head) {
  MATCH (head)-[knows]->(tail:Item|Entity)
  WHERE NOT type(knows) IN $leftOut
  RETURN
    type(knows) AS relation,
    collect(CASE WHEN tail:Item THEN tail.itemId END) AS tailItems,
    collect(CASE WHEN NOT tail:Item THEN tail.entityId END) AS tailEntities
}
RETURN
  CASE WHEN head:Item THEN head.itemId END AS headItem,
  CASE WHEN NOT head:Item THEN head.entityId END AS headEntity,
  relation,
  tailItems,
  tailEntities
