// Purpose: what is known of a user: whether there is one, how much history, what the active run has for them.
// Params:  userId (INTEGER|STRING)
// Returns: runId, known, ratings, recommendations, vector
// Mode:    READ, managed transaction
// Theme:   Details
OPTIONAL MATCH (t:Task {name: 'ranking'})
OPTIONAL MATCH (run:Run {runId: t.activeRunId})
OPTIONAL MATCH (u:User {userId: $userId})
OPTIONAL MATCH (dataset:Dataset)
WITH run, u, coalesce(dataset.interactionType, 'RATED') AS interactionType
RETURN
  run.runId AS runId,
  u IS NOT NULL AS known,
  COUNT { (u)-[:$(interactionType)]->(:Item) } AS ratings,
  COUNT { (u)-[:RECOMMENDED {runId: run.runId}]->(:Item) } AS recommendations,
  u['vector' + run.slot] IS NOT NULL AS vector
