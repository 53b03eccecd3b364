// Purpose: the sum of 1/rank over all hits in the top ten, a mean over users.
// Params:  none
// Returns: sum
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
WITH
  round(coalesce(run.sumReciprocalRankAt10, parent.sumReciprocalRankAt10), 3) AS sum
WHERE sum IS NOT NULL
RETURN sum
