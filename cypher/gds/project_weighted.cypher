// Purpose: gds/project with weights: edges holds {type, source, targets, weights}, and the
//          projection's relationships have the property weight.
// Params:  name (STRING), nodes (LIST<MAP>), edges (LIST<MAP>), concurrency (INTEGER, default 1)
// Returns: nodeCount, relationshipCount
// Mode:    READ, auto-commit
CALL () {
  UNWIND $nodes AS span
  UNWIND range(span.first, span.last) AS source
  RETURN
    source,
    null AS target,
    [span.label] AS labels,
    null AS type,
    null AS properties
    UNION ALL
  UNWIND $edges AS edge
  UNWIND range(0, size(edge.targets) - 1) AS place
  RETURN
    edge.source AS source,
    edge.targets[place] AS target,
    null AS labels,
    edge.type AS type,
    {weight: edge.weights[place]} AS properties
}
WITH
  gds.graph.project(
    $name,
    source,
    target,
    {
      sourceNodeLabels: labels,
      targetNodeLabels: null,
      relationshipType: type,
      relationshipProperties: properties
    },
    {undirectedRelationshipTypes: ['*'], readConcurrency: $concurrency}
  ) AS graph
RETURN
  graph.nodeCount AS nodeCount,
  graph.relationshipCount AS relationshipCount
