// Purpose: what the selected users are recommended.
// Params:  nodes (LIST<STRING>)
// Returns: path
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH path = (n:User)-[r:RECOMMENDED {runId: activeRunId}]->(:Item)
WHERE elementId(n) IN $nodes AND r.rank <= 10
RETURN path
