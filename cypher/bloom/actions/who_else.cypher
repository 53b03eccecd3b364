// Purpose: to whom else the selected items are recommended.
// Params:  nodes (LIST<STRING>)
// Returns: path
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (n:Item)
WHERE elementId(n) IN $nodes
CALL (n, activeRunId) {
  MATCH path = (n)<-[r:RECOMMENDED {runId: activeRunId}]-(:User)
  RETURN path
  ORDER BY r.rank, r.score DESC
  LIMIT 10
}
RETURN path
