// Purpose: how the figures of the active run change with the length of the list.
// Params:  none
// Returns: length, figure, value
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
UNWIND [1, 5, 10] AS length
UNWIND ['precision', 'recall', 'ndcg'] AS figure
WITH
  length,
  figure,
  coalesce(
    run[figure + 'At' + toString(length)],
    parent[figure + 'At' + toString(length)]
  ) AS value
WHERE value IS NOT NULL
RETURN 'top ' + toString(length) AS length, figure, value
