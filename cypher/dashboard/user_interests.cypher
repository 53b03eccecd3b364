// Purpose: what is known about the items that a user is recommended, the most frequent first.
// Params:  neodash_user_userid (INTEGER|STRING)
// Returns: known, recommendations
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (dataset:Dataset)
WITH run, coalesce(dataset.leftOutTypes, []) AS leftOutTypes
MATCH
  (u:User {userId: $neodash_user_userid})-[r:RECOMMENDED {runId: run.runId}]->
  (m:Item)
WHERE r.rank <= 10
MATCH (m)-[known]-(e:Entity)
WHERE NOT type(known) IN leftOutTypes
WITH
  coalesce(e.name, e.title, toString(e.entityId)) AS known,
  count(DISTINCT m) AS recommendations
RETURN known, recommendations
ORDER BY recommendations DESC, known
LIMIT 12
