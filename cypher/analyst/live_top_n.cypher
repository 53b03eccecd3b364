// Purpose: a user's top items computed now, from the vectors of the active run. What the run had read of the user is left out, unless includeSeen is true;
//          with only, a list of ids and titles, no other items are asked.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 10), includeSeen (BOOLEAN, default false), only (LIST, default null)
// Returns: rank, itemId, title, year, score, audit
// Mode:    READ, managed transaction
// Theme:   Recommendations
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
MATCH (u:User {userId: $userId})
OPTIONAL MATCH (dataset:Dataset)
WITH
  run,
  audit,
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
CALL (run, state, seen) {
  WITH *
  WHERE $only IS NULL
  CALL
    db.index.vector.queryNodes(
      run.itemVectorIndex,
      toInteger($n) + seen + 50,
      state
    )
    YIELD node AS m
  RETURN m
    UNION
  WITH *
  WHERE $only IS NOT NULL
  UNWIND $only AS asked
  MATCH (m:Item)
  WHERE m.itemId = asked OR m.title = asked OR m.name = asked
  RETURN m
}
WITH run, audit, state, read, m
WHERE $includeSeen OR NOT m IN read
WITH run, audit, state, m, m['vector' + run.slot] AS vector
WHERE vector IS NOT NULL
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
