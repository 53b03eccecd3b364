// Purpose: the items nearest to one in the graph, as the active run's similarity job found them.
// Params:  itemId (INTEGER|STRING), n (INTEGER, default 10)
// Returns: itemId, title, year, score, method
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
MATCH (m:Item {itemId: $itemId})-[s:SIMILAR_TO {runId: run.runId}]-(other:Item)
RETURN
  other.itemId AS itemId,
  other.title AS title,
  other.year AS year,
  s.score AS score,
  s.method AS method
ORDER BY score DESC, itemId
LIMIT $n
