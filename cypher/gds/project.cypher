// Purpose: project an undirected graph from explicit nodes and edges of a data set's files. Node
//          ids are the data set's indices, not nodes of the database. nodes holds
//          {label, first, last}, edges {type, source, targets}.
// Params:  name (STRING), nodes (LIST<MAP>), edges (LIST<MAP>), concurrency (INTEGER, default 1)
// Returns: nodeCount, relationshipCount
// Mode:    READ, auto-commit
CALL () {
  UNWIND $nodes AS span
  UNWIND range(span.first, span.last) AS source
  RETURN source, null AS target, [span.label] AS labels, null AS type
    UNION ALL
  UNWIND $edges AS edge
  UNWIND edge.targets AS target
  RETURN edge.source AS source, target, null AS labels, edge.type AS type
}
WITH
  gds.graph.project(
    $name,
    source,
    target,
    {sourceNodeLabels: labels, targetNodeLabels: null, relationshipType: type},
    {undirectedRelationshipTypes: ['*'], readConcurrency: $concurrency}
  ) AS graph
RETURN
  graph.nodeCount AS nodeCount,
  graph.relationshipCount AS relationshipCount
