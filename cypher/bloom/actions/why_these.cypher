// Purpose: why the selected items are recommended: to the selected users, or to those who have them highest.
// Params:  nodes (LIST<STRING>)
// Returns: recommendation, evidence
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
OPTIONAL MATCH (dataset:Dataset)
WITH
  activeRunId,
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  coalesce(dataset.leftOutTypes, []) AS leftOutTypes
OPTIONAL MATCH (chosen:User)
WHERE elementId(chosen) IN $nodes
WITH activeRunId, interactionType, collect(chosen) AS users
MATCH recommendation = (u:User)-[r:RECOMMENDED {runId: activeRunId}]->(n:Item)
WHERE elementId(n) IN $nodes AND (size(users) = 0 OR u IN users)
WITH interactionType, recommendation, u, r
ORDER BY r.rank, r.score DESC
LIMIT 10
UNWIND coalesce(r.evidenceIds, [])[..3] AS evidenceId
MATCH (h:Item {itemId: evidenceId})
MATCH evidence = (u)-[had]->(h)
WHERE type(had) = interactionType
RETURN recommendation, evidence
