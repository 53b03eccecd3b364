// Purpose: knowledge relationships of items, grouped by item, type and direction: from the item
//          to items and entities (outgoing), and from entities to the item. A node with both
//          roles counts as an item. What has a timestamp is an event and no knowledge.
// Params:  leftOut (LIST<STRING>)
// Returns: item, relation, outgoing, items, entities
// Mode:    READ, managed transaction
MATCH (item:Item)
CALL (item) {
  MATCH (item)-[knows]->(tail:Item|Entity)
  WHERE NOT type(knows) IN $leftOut AND knows.timestamp IS NULL
  RETURN
    type(knows) AS relation,
    true AS outgoing,
    collect(
      CASE
        WHEN tail:Item THEN tail.itemId
      END) AS items,
    collect(
      CASE
        WHEN NOT tail:Item THEN tail.entityId
      END) AS entities
    UNION ALL
  MATCH (head:Entity)-[knows]->(item)
  WHERE
    NOT head:Item AND NOT type(knows) IN $leftOut AND knows.timestamp IS NULL
  RETURN
    type(knows) AS relation,
    false AS outgoing,
    [] AS items,
    collect(head.entityId) AS entities
}
RETURN item.itemId AS item, relation, outgoing, items, entities
