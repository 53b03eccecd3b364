// Purpose: why an item is recommended to a user: the history that spoke for it.
// Phrase:  why $item for user $user
// Params:  item (INTEGER|STRING), user (INTEGER|STRING)
// Returns: recommendation, evidence, shared
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
OPTIONAL MATCH (dataset:Dataset)
WITH
  activeRunId,
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  coalesce(dataset.leftOutTypes, []) AS leftOutTypes
MATCH (m:Item)
WHERE m.title = $item OR m.name = $item OR m.itemId = $item
MATCH
  recommendation =
    (u:User {userId: $user})-[r:RECOMMENDED {runId: activeRunId}]->(m)
UNWIND r.evidenceIds AS evidenceId
MATCH (h:Item {itemId: evidenceId})
MATCH evidence = (u)-[had]->(h)
WHERE type(had) = interactionType
CALL (m, h, interactionType, leftOutTypes) {
  OPTIONAL MATCH shared = (h)-[one]-(e:Entity)-[other]-(m)
  WHERE NOT type(one) IN leftOutTypes AND NOT type(other) IN leftOutTypes
  RETURN shared
  ORDER BY COUNT { (e)--() }
  LIMIT 2
}
RETURN recommendation, evidence, shared
