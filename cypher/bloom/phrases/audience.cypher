// Purpose: to whom an item is recommended, those first who have it high in their list.
// Phrase:  who is recommended $item
// Params:  item (INTEGER|STRING)
// Returns: path
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (m:Item)
WHERE m.title = $item OR m.name = $item OR m.itemId = $item
MATCH path = (m)<-[r:RECOMMENDED {runId: activeRunId}]-(:User)
RETURN path
ORDER BY r.rank, r.score DESC
LIMIT 20
