// Purpose: all items with their labels and properties; lists of floats (vectors) stay behind.
// Params:  leftOut (LIST<STRING>)
// Returns: id, labels, names, values
// Mode:    READ, managed transaction
MATCH (node:Item)
WITH
  node,
  [
    name IN keys(node)
    WHERE
      NOT name IN $leftOut AND
      NOT valueType(node[name]) STARTS WITH 'LIST<FLOAT'
  ] AS names
RETURN
  node.itemId AS id,
  labels(node) AS labels,
  names,
  [name IN names | node[name]] AS values
