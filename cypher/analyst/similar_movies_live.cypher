// Purpose: the items nearest to one in the vectors of the active run's model.
// Params:  item (INTEGER|STRING), n (INTEGER, default 10)
// Returns: itemId, title, year, similarity
// Mode:    READ, managed transaction
// Theme:   Items
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
MATCH (m:Item)
WHERE m.itemId = $item OR m.title = $item OR m.name = $item
WITH run, m, m['vector' + run.slot] AS vector
WHERE vector IS NOT NULL
CALL
  db.index.vector.queryNodes(
    run.itemVectorIndex,
    toInteger($n) + 1,
    vector
  )
  YIELD node AS other, score
  WHERE other <> m
RETURN
  other.itemId AS itemId,
  coalesce(other.title, other.name, toString(other.itemId)) AS title,
  other.year AS year,
  score AS similarity
ORDER BY similarity DESC, itemId
LIMIT toInteger($n)
