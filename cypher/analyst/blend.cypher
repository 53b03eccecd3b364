// Purpose: of the items that are best for a user (as many as pool says), those that are also near to one item. Both are counted in their
//          standard deviations within the pool; share is the weight of the user's score, the rest that of the
//          nearness. A user whom the run does not know has no rows.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
//          askedId, asked and askedYear are the item that was meant: of several with one title that with most users.
// Params:  userId (INTEGER|STRING), item (INTEGER|STRING), share (FLOAT, default 0.5), pool (INTEGER, default 200), n (INTEGER, default 10)
// Returns: rank, itemId, title, year, score, similarity (cosine with the item), askedId, asked, askedYear, audit
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
MATCH (u:User {userId: $userId})
MATCH (near:Item)
WHERE near.itemId = $item OR near.title = $item OR near.name = $item
WITH *
ORDER BY near.itemId = $item DESC, COUNT { (near)<--(:User) } DESC, near.itemId
LIMIT 1
OPTIONAL MATCH (dataset:Dataset)
WITH
  run,
  audit,
  u,
  near,
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  u['vector' + run.slot] AS state,
  u['historyLength' + run.slot] AS seen,
  near['vector' + run.slot] AS other
WHERE state IS NOT NULL AND other IS NOT NULL
CALL (u, interactionType, seen) {
  OPTIONAL MATCH (u)-[rated:$(interactionType)]->(known:Item)
  WHERE rated.seq <= seen
  RETURN collect(known) AS read
}
CALL
  db.index.vector.queryNodes(
    run.itemVectorIndex,
    toInteger($pool) + seen + 50,
    state
  )
  YIELD node AS m, score
  WHERE m <> near AND NOT m IN read
WITH run, audit, near, state, other, m, m['vector' + run.slot] AS vector
WITH
  run,
  audit,
  near,
  state,
  m,
  2 * vector.similarity.cosine(vector, state) - 1 AS own,
  2 * vector.similarity.cosine(vector, other) - 1 AS similarity
ORDER BY own DESC, m.itemId
LIMIT toInteger($pool)
WITH
  audit,
  near,
  run.itemVectorLength * sqrt(reduce(sum = 0.0, x IN state | sum + x * x)) AS length,
  collect({item: m, own: own, similarity: similarity}) AS rows,
  avg(own) AS ownMean,
  stDevP(own) + 1e-12 AS ownSpread,
  avg(similarity) AS mean,
  stDevP(similarity) + 1e-12 AS spread
UNWIND rows AS row
WITH
  audit,
  near,
  length,
  row.item AS m,
  row.own AS own,
  row.similarity AS similarity,
  $share * (row.own - ownMean) / ownSpread +
  (1 - $share) * (row.similarity - mean) / spread AS blended
ORDER BY blended DESC, m.itemId
LIMIT toInteger($n)
WITH
  audit,
  near,
  collect({item: m, score: own * length, similarity: similarity}) AS found
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
  found[i].score AS score,
  found[i].similarity AS similarity,
  near.itemId AS askedId,
  coalesce(near.title, near.name, toString(near.itemId)) AS asked,
  near.year AS askedYear,
  audit
ORDER BY rank
