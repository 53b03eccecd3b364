// Purpose: the items nearest to one in the vectors of the active run's model; similarity is the cosine.
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
WITH *
ORDER BY m.itemId = $item DESC, COUNT { (m)<--(:User) } DESC, m.itemId
LIMIT 1
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
  2 * score - 1 AS similarity
ORDER BY similarity DESC, itemId
LIMIT toInteger($n)
