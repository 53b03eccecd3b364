// Purpose: count and checksum of a projection's edges by type and direction (upward: from the
//          smaller to the larger node id). A set of edges has one checksum in both directions.
// Params:  name (STRING)
// Returns: type, upward, edges, checksum
// Mode:    READ, managed transaction
CALL
  gds.graph.relationships.stream(
    $name,
    ['*']
  )
  YIELD sourceNodeId, targetNodeId, relationshipType
WITH
  relationshipType,
  sourceNodeId < targetNodeId AS upward,
  CASE
    WHEN sourceNodeId < targetNodeId THEN sourceNodeId
    ELSE targetNodeId
  END AS low,
  CASE
    WHEN sourceNodeId < targetNodeId THEN targetNodeId
    ELSE sourceNodeId
  END AS high
WITH relationshipType, upward, (low * 92821 + high) % 2147483647 AS key
RETURN
  relationshipType AS type,
  upward,
  count(*) AS edges,
  sum(key * key % 2147483647) AS checksum
