// Purpose: all nodes that a mapping calls entities, by the order in which the database keeps them; items are none.
// Params:  labels (LIST<STRING>), items (LIST<STRING>), keys (LIST<STRING>)
// Returns: node (element id), labels, entityId, values (of the keys, as text)
// Mode:    READ, managed transaction
MATCH (n:$any($labels))
WHERE none(label IN labels(n) WHERE label IN $items)
RETURN
  elementId(n) AS node,
  labels(n) AS labels,
  n.entityId AS entityId,
  [key IN $keys | toStringOrNull(n[key])] AS values
