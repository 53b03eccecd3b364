// Purpose: items without a vector in a slot, with what is known of them: each relationship's type, whether it starts
//          at the item, and the id at its other end. What has a timestamp is an event and no knowledge.
// Params:  slot (STRING), leftOut (LIST<STRING>)
// Returns: item, title, year, known (list of relation, outgoing, other)
// Mode:    READ, managed transaction
MATCH (item:Item)
WITH item, item['vector' + $slot] AS vector
WHERE vector IS NULL
CALL (item) {
  MATCH (item)-[knows]-(other:Item|Entity)
  WHERE NOT type(knows) IN $leftOut AND knows.timestamp IS NULL
  RETURN
    collect({
      relation: type(knows),
      outgoing: startNode(knows) = item,
      other: coalesce(other.itemId, other.entityId)
    }) AS known
}
RETURN item.itemId AS item, item.title AS title, item.year AS year, known
ORDER BY item
