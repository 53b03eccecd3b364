// Purpose: those recommendations of a user that have to do with a person, a genre or whatever is known.
// Phrase:  recommended to user $user with $entity
// Params:  user (INTEGER|STRING), entity (INTEGER|STRING)
// Returns: path
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
OPTIONAL MATCH (dataset:Dataset)
WITH
  activeRunId,
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  coalesce(dataset.leftOutTypes, []) AS leftOutTypes
MATCH
  path =
    (u:User {userId: $user})-[r:RECOMMENDED {runId: activeRunId}]->
    (:Item)-[known]-
    (e:Entity)
WHERE
  (e.name = $entity OR e.title = $entity OR e.entityId = $entity) AND
  NOT type(known) IN leftOutTypes
RETURN path
