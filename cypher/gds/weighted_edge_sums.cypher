// Purpose: gds/edge_sums of a weighted projection: the checksum also covers each edge's weight,
//          to 2^-30.
// Params:  name (STRING)
// Returns: type, upward, edges, checksum
// Mode:    READ, managed transaction
CALL
  gds.graph.relationshipProperty.stream(
    $name,
    'weight',
    ['*']
  )
  YIELD sourceNodeId, targetNodeId, relationshipType, propertyValue
WITH
  relationshipType,
  sourceNodeId < targetNodeId AS upward,
  toInteger(floor(propertyValue * 1073741824)) AS weight,
  CASE
    WHEN sourceNodeId < targetNodeId THEN sourceNodeId
    ELSE targetNodeId
  END AS low,
  CASE
    WHEN sourceNodeId < targetNodeId THEN targetNodeId
    ELSE sourceNodeId
  END AS high
WITH relationshipType, upward, weight, (low * 92821 + high) % 2147483647 AS pair
WITH relationshipType, upward, (pair * pair + weight) % 2147483647 AS key
RETURN
  relationshipType AS type,
  upward,
  count(*) AS edges,
  sum(key * key % 2147483647) AS checksum
