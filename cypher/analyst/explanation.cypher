// Purpose: why one item is recommended to a user: each piece of evidence with what it contributed and what the two items share, unless it has no name or most items share it.
//          rest is what all other events and the item itself contributed: with the contributions it adds up to score.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
//          ratingScale is the highest rating that can be given, where that is known.
// Params:  userId (INTEGER|STRING), item (INTEGER|STRING)
// Returns: rank, score, evidence, year, rating, contribution, shared (list of name, here, there), rest, ratingScale, weight, recency, seq, timestamp (epoch seconds), evidenceId, audit
// Mode:    READ, managed transaction
// Theme:   Reasons
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
MATCH (m:Item)
WHERE m.itemId = $item OR m.title = $item OR m.name = $item
WITH *
ORDER BY m.itemId = $item DESC, COUNT { (m)<--(:User) } DESC, m.itemId
LIMIT 1
MATCH (u:User {userId: $userId})-[r:RECOMMENDED {runId: run.runId}]->(m)
OPTIONAL MATCH (dataset:Dataset)
WITH
  run,
  audit,
  u,
  r,
  m,
  dataset,
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  coalesce(dataset.leftOutTypes, []) AS leftOutTypes
CALL
  db.relationshipTypes(
  )
  YIELD relationshipType
  WHERE
    NOT relationshipType IN [
      'RECOMMENDED',
      'ATTENDED_TO',
      'SIMILAR_TO',
      'REFIT_OF'
    ] AND
    relationshipType <> interactionType AND
    NOT relationshipType IN leftOutTypes
WITH
  run,
  audit,
  u,
  r,
  m,
  dataset,
  interactionType,
  collect(relationshipType) AS knowledge
WITH
  run,
  audit,
  u,
  r,
  m,
  dataset,
  interactionType,
  knowledge,
  COUNT { (:Item) } AS items
UNWIND range(0, size(coalesce(r.evidenceIds, [])) - 1) AS i
MATCH (h:Item {itemId: r.evidenceIds[i]})
OPTIONAL MATCH (u)-[a:ATTENDED_TO {runId: run.runId}]->(h)
OPTIONAL MATCH (u)-[rated:$(interactionType)]->(h)
CALL (m, h, knowledge, items) {
  CALL (m, h, knowledge, items) {
    MATCH (m)-[one:$any(knowledge)]-(e:Entity)-[other:$any(knowledge)]-(h)
    WHERE
      2 * COUNT { (e)--() } <= items AND
      coalesce(e.name, e.title) IS NOT NULL AND
      one.timestamp IS NULL AND
      other.timestamp IS NULL
    RETURN
      coalesce(e.name, e.title) AS name,
      type(one) AS here,
      type(other) AS there,
      COUNT { (e)--() } AS uses
      UNION
    MATCH (m)-[direct:$any(knowledge)]-(h)
    WHERE direct.timestamp IS NULL
    RETURN null AS name, type(direct) AS here, null AS there, 0 AS uses
  }
  WITH name, here, there, uses
  ORDER BY uses, name
  RETURN collect({name: name, here: here, there: there}) AS shared
}
RETURN
  r.rank AS rank,
  r.score AS score,
  coalesce(h.title, h.name, toString(h.itemId)) AS evidence,
  h.year AS year,
  rated.rating AS rating,
  r.evidenceContributions[i] AS contribution,
  shared,
  reduce(rest = r.score, part IN r.evidenceContributions | rest - part) AS rest,
  dataset.ratingScale AS ratingScale,
  a.weight AS weight,
  a.recency AS recency,
  rated.seq AS seq,
  rated.timestamp AS timestamp,
  h.itemId AS evidenceId,
  audit
ORDER BY i
