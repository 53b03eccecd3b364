// Purpose: random walks over a projection, from given nodes or, where the list is empty, from all.
// Params:  name (STRING), sources (LIST<INTEGER>), types (LIST<STRING>), labels (LIST<STRING>),
//          walkLength (INTEGER), walksPerNode (INTEGER), returnFactor (FLOAT),
//          inOutFactor (FLOAT), seed (INTEGER), concurrency (INTEGER)
// Returns: nodes
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
      randomSeed: $seed,
      concurrency: $concurrency
    }
  )
  YIELD nodeIds
RETURN nodeIds AS nodes
