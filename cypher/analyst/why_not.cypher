// Purpose: why an item is not recommended to a user: its score now and its rank among all items that the run had not read of the user,
//          beside the length of the stored list and the score that ends it. nearest are the three items of the history that are
//          nearest to it in the run's vectors, with the user's rating and the highest one that can be given, where that is known.
//          Without vectors, as of a new user or item, score and rank are null; rank is also null where the run had read it.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
// Params:  userId (INTEGER|STRING), item (INTEGER|STRING)
// Returns: itemId, title, year, score, rank, seen (whether the run had read it), stored, lastScore, nearest (list of itemId, title, year, similarity, rating, ratingScale), audit
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
MATCH (m:Item)
WHERE m.itemId = $item OR m.title = $item OR m.name = $item
WITH *
ORDER BY m.itemId = $item DESC, COUNT { (m)<--(:User) } DESC, m.itemId
LIMIT 1
OPTIONAL MATCH (dataset:Dataset)
WITH
  run,
  audit,
  u,
  m,
  dataset.ratingScale AS ratingScale,
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  u['vector' + run.slot] AS state,
  u['historyLength' + run.slot] AS seen,
  m['vector' + run.slot] AS vector
WITH
  *,
  vector.similarity.cosine(vector, state) AS similarity,
  run.itemVectorLength * sqrt(reduce(sum = 0.0, x IN state | sum + x * x)) AS length
CALL (u, interactionType, seen) {
  OPTIONAL MATCH (u)-[rated:$(interactionType)]->(known:Item)
  WHERE rated.seq <= seen
  RETURN collect(known) AS read
}
CALL (run, state, similarity, read) {
  MATCH (other:Item)
  WITH *, other['vector' + run.slot] AS theirs
  WHERE
    theirs IS NOT NULL AND
    vector.similarity.cosine(theirs, state) > similarity AND
    NOT other IN read
  RETURN count(other) + 1 AS place
}
CALL (run, u, m, ratingScale, interactionType, seen, vector) {
  MATCH (u)-[rated:$(interactionType)]->(h:Item)
  WHERE rated.seq <= seen AND h <> m
  WITH h, rated, ratingScale, vector, h['vector' + run.slot] AS theirs
  WHERE theirs IS NOT NULL
  WITH
    h,
    rated,
    ratingScale,
    2 * vector.similarity.cosine(theirs, vector) - 1 AS cosine
  ORDER BY cosine DESC, h.itemId
  LIMIT 3
  RETURN
    collect({
      itemId: h.itemId,
      title: coalesce(h.title, h.name, toString(h.itemId)),
      year: h.year,
      similarity: cosine,
      rating: rated.rating,
      ratingScale: ratingScale
    }) AS nearest
}
CALL (run, u) {
  MATCH (u)-[r:RECOMMENDED {runId: run.runId}]->(:Item)
  RETURN count(r) AS stored, min(r.score) AS lastScore
}
RETURN
  m.itemId AS itemId,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  m.year AS year,
  (2 * similarity - 1) * length AS score,
  CASE
    WHEN similarity IS NOT NULL AND NOT m IN read THEN place
  END AS rank,
  m IN read AS seen,
  stored,
  lastScore,
  nearest,
  audit
ORDER BY itemId
