// Purpose: core numbers of a projection's nodes; nodes are indices of the data set.
// Params:  name (STRING), types (LIST<STRING>), labels (LIST<STRING>),
//          concurrency (INTEGER, default 1)
// Returns: node, core
// Mode:    READ, managed transaction
CALL
  gds.kcore.stream(
    $name,
    {relationshipTypes: $types, nodeLabels: $labels, concurrency: $concurrency}
  )
  YIELD nodeId, coreValue
RETURN nodeId AS node, coreValue AS core
