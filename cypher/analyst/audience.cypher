// Purpose: to whom an item is recommended, and what spoke most for it.
// Params:  itemId (INTEGER|STRING), n (INTEGER, default 20)
// Returns: userId, rank, score, because
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
MATCH (u:User)-[r:RECOMMENDED {runId: run.runId}]->(m:Item {itemId: $itemId})
OPTIONAL MATCH (h:Item {itemId: r.evidenceIds[0]})
RETURN u.userId AS userId, r.rank AS rank, r.score AS score, h.title AS because
ORDER BY rank, score DESC, userId
LIMIT $n
