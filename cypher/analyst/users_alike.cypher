// Purpose: the users who are nearest to one in the vectors of the active run (similarity is the cosine), and how much of their histories is the same.
// Params:  userId (INTEGER|STRING), n (INTEGER, default 10)
// Returns: userId, similarity, interactions, inCommon
// Mode:    READ, managed transaction
// Theme:   Users
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
MATCH (u:User {userId: $userId})
OPTIONAL MATCH (dataset:Dataset)
WITH
  run,
  u,
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  u['vector' + run.slot] AS state
WHERE state IS NOT NULL
CALL
  db.index.vector.queryNodes(
    run.userVectorIndex,
    toInteger($n) + 1,
    state
  )
  YIELD node AS other, score
  WHERE other <> u
RETURN
  other.userId AS userId,
  2 * score - 1 AS similarity,
  COUNT { (other)-[:$(interactionType)]->(:Item) } AS interactions,
  COUNT {
  (u)-[:$(interactionType)]->(:Item)<-[:$(interactionType)]-(other)
  } AS inCommon
ORDER BY similarity DESC, userId
LIMIT toInteger($n)
