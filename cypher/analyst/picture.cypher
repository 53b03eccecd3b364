// Purpose: a picture for the Browser: a user's first recommendations, the history that spoke for them
//          with the user's rating of it, and who or what both share, unless it has no name or most
//          items share it.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 5)
// Returns: u, r, m, a, h, rated, path
// Mode:    READ, managed transaction
// Theme:   Reasons
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (dataset:Dataset)
WITH
  run,
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
  interactionType,
  collect(relationshipType) AS knowledge,
  COUNT { (:Item) } AS items
MATCH (u:User {userId: $userId})-[r:RECOMMENDED {runId: run.runId}]->(m:Item)
WHERE r.rank <= $n
CALL (r) {
  UNWIND coalesce(r.evidenceIds, [])[..2] AS evidenceId
  MATCH (h:Item {itemId: evidenceId})
  RETURN h
}
OPTIONAL MATCH (u)-[a:ATTENDED_TO {runId: run.runId}]->(h)
OPTIONAL MATCH (u)-[rated:$(interactionType)]->(h)
CALL (m, h, knowledge, items) {
  OPTIONAL MATCH
    path = (h)-[one:$any(knowledge)]-(e:Entity)-[other:$any(knowledge)]-(m)
  WHERE
    2 * COUNT { (e)--() } <= items AND
    coalesce(e.name, e.title) IS NOT NULL AND
    one.timestamp IS NULL AND
    other.timestamp IS NULL
  RETURN path
  ORDER BY COUNT { (e)--() }
  LIMIT 2
}
RETURN u, r, m, a, h, rated, path
