// Purpose: a user's best items among those of certain people, genres or whatever else is known by name, and of one decade, computed now.
//          An item must be joined with every name, written as in the graph; without names and decade all items are asked.
//          decade is any year of it. A user whom the run does not know has no rows.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
// Params:  userId (INTEGER|STRING), names (LIST<STRING>, default []), decade (INTEGER, default null), n (INTEGER, default 10)
// Returns: rank, itemId, title, year, score, audit
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
WITH
  run,
  audit,
  COLLECT {
    UNWIND $names AS name
    RETURN DISTINCT name
  } AS names,
  toInteger($decade) / 10 * 10 AS decade
MATCH (u:User {userId: $userId})
OPTIONAL MATCH (dataset:Dataset)
WITH
  run,
  audit,
  names,
  decade,
  u,
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  u['vector' + run.slot] AS state,
  u['historyLength' + run.slot] AS seen
WHERE state IS NOT NULL
CALL (u, interactionType, seen) {
  OPTIONAL MATCH (u)-[rated:$(interactionType)]->(known:Item)
  WHERE rated.seq <= seen
  RETURN collect(known) AS read
}
CALL (names) {
  WITH *
  WHERE size(names) > 0
  UNWIND names AS name
  MATCH (e:Entity {name: name})--(m:Item)
  WITH names, m, count(DISTINCT name) AS fitting
  WHERE fitting = size(names)
  RETURN m
    UNION
  WITH *
  WHERE size(names) = 0
  MATCH (m:Item)
  RETURN m
}
WITH *, m['vector' + run.slot] AS vector
WHERE
  vector IS NOT NULL AND
  ($decade IS NULL OR (decade <= m.year AND m.year < decade + 10)) AND
  NOT m IN read
WITH run, audit, state, m, vector.similarity.cosine(vector, state) AS similarity
ORDER BY similarity DESC, m.itemId
LIMIT toInteger($n)
WITH
  audit,
  collect({item: m, cosine: 2 * similarity - 1}) AS found,
  run.itemVectorLength * sqrt(reduce(sum = 0.0, x IN state | sum + x * x)) AS length
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
  found[i].cosine * length AS score,
  audit
ORDER BY rank
