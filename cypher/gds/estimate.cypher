// Purpose: bytes that a projection of this size needs, and those that the server's heap has.
// Params:  nodeCount (INTEGER), relationshipCount (INTEGER), properties (LIST<STRING>)
// Returns: bytesNeeded, bytesFree
// Mode:    READ, managed transaction
CALL
  gds.graph.project.estimate(
    '*',
    {edges: {type: '*', properties: $properties}},
    {nodeCount: $nodeCount, relationshipCount: $relationshipCount}
  )
  YIELD bytesMax
CALL gds.debug.sysInfo() YIELD key, value
  WHERE key = 'availableHeapInBytes'
RETURN bytesMax AS bytesNeeded, value AS bytesFree
