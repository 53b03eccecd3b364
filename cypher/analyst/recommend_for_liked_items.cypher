// Purpose: items for somebody without a user number who likes certain titles, by the vectors of the active run.
//          The mean of the liked items' vectors is looked up in the vector index. This approximates what the model would say:
//          it knows no order and no ratings. `reelgraph recommend --like` asks the model itself.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
// Params:  titles (LIST<STRING>), n (INTEGER, default 10)
// Returns: rank, itemId, title, year, similarity, liked (the items that the titles fit), audit
// Mode:    READ, managed transaction
// Theme:   What if
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
WITH
  run,
  CASE
    WHEN run.label STARTS WITH 'LEAKS' THEN 'LEAKS'
    WHEN false IN [run.auditPassed, parent.auditPassed] THEN 'LEAKS'
    WHEN true IN [run.auditPassed, parent.auditPassed] THEN 'passed'
    ELSE 'not audited'
  END AS audit
MATCH (h:Item)
WHERE
  toLower(coalesce(h.title, h.name, toString(h.itemId))) IN
  [name IN $titles | toLower(name)]
WITH run, audit, h, h['vector' + run.slot] AS vector
WHERE vector IS NOT NULL
WITH run, audit, collect(h) AS liked, collect(vector) AS vectors
WHERE size(vectors) > 0
WITH
  run,
  audit,
  liked,
  [
    i IN range(0, size(vectors[0]) - 1)
    | reduce(sum = 0.0, v IN vectors | sum + v[i]) / size(vectors)
  ] AS mean
CALL
  db.index.vector.queryNodes(
    run.itemVectorIndex,
    toInteger($n) + size(liked),
    mean
  )
  YIELD node AS m, score
  WHERE NOT m IN liked
WITH audit, liked, m, score
ORDER BY score DESC, m.itemId
LIMIT toInteger($n)
WITH audit, liked, collect({item: m, score: score}) AS found
UNWIND range(0, size(found) - 1) AS i
RETURN
  i + 1 AS rank,
  found[i].item.itemId AS itemId,
  coalesce(
    found[i].item.title,
    found[i].item.name,
    toString(found[i].item.itemId)
  ) AS title,
  found[i].item.year AS year,
  found[i].score AS similarity,
  [h IN liked | coalesce(h.title, h.name, toString(h.itemId))] AS liked,
  audit
ORDER BY rank
