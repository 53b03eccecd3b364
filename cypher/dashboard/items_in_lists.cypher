// Purpose: how many percent of all items are in the first ten of at least one list.
// Params:  none
// Returns: percent
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
MATCH (m:Item)
WITH run, count(m) AS items
MATCH (:User)-[r:RECOMMENDED {runId: run.runId}]->(m:Item)
WHERE r.rank <= 10
WITH items, count(DISTINCT m) AS shown
RETURN round(100.0 * shown / items, 1) AS percent
