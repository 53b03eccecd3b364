// Purpose: items for somebody without a user number who likes certain titles, by the vectors of the active run.
//          The mean of the liked items' vectors, less half of the mean of those that are not liked, is looked up in the vector index. This approximates what the model would say:
//          it knows no order and no ratings. `reelgraph recommend --like TITLE` asks the model itself.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
// Params:  titles (LIST<STRING>), notLiked (LIST<STRING>, default []), n (INTEGER, default 10)
// Returns: rank, itemId, title, year, similarity (cosine), liked (the items that the titles fit), audit
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
WITH
  run,
  audit,
  h,
  toLower(coalesce(h.title, h.name, toString(h.itemId))) AS title
WITH
  run,
  audit,
  h,
  title IN [name IN $titles | toLower(name)] AS wanted,
  title IN [name IN $notLiked | toLower(name)] AS unwanted
WHERE wanted OR unwanted
WITH run, audit, h, wanted, h['vector' + run.slot] AS vector
WHERE vector IS NOT NULL
WITH
  run,
  audit,
  collect(h) AS named,
  [row IN collect({item: h, wanted: wanted}) WHERE row.wanted | row.item] AS liked,
  [
    row IN collect({vector: vector, wanted: wanted})
    WHERE row.wanted
    | row.vector
  ] AS vectors,
  [
    row IN collect({vector: vector, wanted: wanted})
    WHERE NOT row.wanted
    | row.vector
  ] AS against
WHERE size(vectors) > 0
WITH
  run,
  audit,
  named,
  liked,
  [
    i IN range(0, size(vectors[0]) - 1)
    | reduce(sum = 0.0, v IN vectors | sum + v[i]) / size(vectors) -
    reduce(sum = 0.0, v IN against | sum + v[i]) / (2 * size(against) + 1e-9)
  ] AS mean
CALL
  db.index.vector.queryNodes(
    run.itemVectorIndex,
    toInteger($n) + size(named),
    mean
  )
  YIELD node AS m, score
  WHERE NOT m IN named
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
  2 * found[i].score - 1 AS similarity,
  [h IN liked | coalesce(h.title, h.name, toString(h.itemId))] AS liked,
  audit
ORDER BY rank
