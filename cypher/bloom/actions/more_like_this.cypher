// Purpose: the items nearest to the selected ones.
// Params:  nodes (LIST<STRING>)
// Returns: path
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (n:Item)
WHERE elementId(n) IN $nodes
CALL (n, activeRunId) {
  MATCH path = (n)-[s:SIMILAR_TO {runId: activeRunId}]-(:Item)
  RETURN path
  ORDER BY s.score DESC
  LIMIT 5
}
RETURN path
