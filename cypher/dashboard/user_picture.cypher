// Purpose: a user's first recommendations and the history that spoke for them, as a graph.
// Params:  neodash_user_userid (INTEGER|STRING)
// Returns: recommendation, evidence
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (dataset:Dataset)
WITH run, coalesce(dataset.interactionType, 'RATED') AS interactionType
MATCH
  recommendation =
    (u:User {userId: $neodash_user_userid})-[r:RECOMMENDED {runId: run.runId}]->
    (:Item)
WHERE r.rank <= 5
CALL (u, r, interactionType) {
  UNWIND coalesce(r.evidenceIds, [])[..2] AS evidenceId
  MATCH (h:Item {itemId: evidenceId})
  OPTIONAL MATCH path = (u)-[had]->(h)
  WHERE type(had) = interactionType
  RETURN collect(path) AS evidence
}
RETURN recommendation, evidence
