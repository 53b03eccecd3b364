// Purpose: random walks over a projection from given nodes, those of a start in one record as one
//          flat list: walkLength places a walk, -1 after the end of a shorter one.
// Params:  name (STRING), sources (LIST<INTEGER>), types (LIST<STRING>), labels (LIST<STRING>),
//          walkLength (INTEGER), walksPerNode (INTEGER), returnFactor (FLOAT),
//          inOutFactor (FLOAT), weight (STRING, default null), seed (INTEGER), concurrency (INTEGER)
// Returns: start, nodes
// Mode:    READ, auto-commit
CALL
  gds.randomWalk.stream(
    $name,
    {
      sourceNodes: $sources,
      relationshipTypes: $types,
      nodeLabels: $labels,
      walkLength: $walkLength,
      walksPerNode: $walksPerNode,
      returnFactor: $returnFactor,
      inOutFactor: $inOutFactor,
      relationshipWeightProperty: $weight,
      randomSeed: $seed,
      concurrency: $concurrency
    }
  )
  YIELD nodeIds
UNWIND range(0, $walkLength - 1) AS place
RETURN nodeIds[0] AS start, collect(coalesce(nodeIds[place], -1)) AS nodes
