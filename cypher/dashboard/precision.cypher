// Purpose: the share of the first ten recommendations that the test found right, by the active run or the one it was fitted from.
// Params:  none
// Returns: precision
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
WITH round(coalesce(run.precisionAt10, parent.precisionAt10), 3) AS precision
WHERE precision IS NOT NULL
RETURN precision
