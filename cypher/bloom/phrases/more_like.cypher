// Purpose: the items nearest to one in the graph.
// Phrase:  more like $item
// Params:  item (INTEGER|STRING)
// Returns: path
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (m:Item)
WHERE m.title = $item OR m.name = $item OR m.itemId = $item
MATCH path = (m)-[s:SIMILAR_TO {runId: activeRunId}]-(:Item)
RETURN path
ORDER BY s.score DESC
LIMIT 10
