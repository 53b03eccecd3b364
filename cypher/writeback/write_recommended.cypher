// Purpose: write the recommendations of some users, with their evidence.
// Params:  groups (LIST<MAP>), runId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS group
MATCH (u:User {userId: group.userId})
CALL (u, group) {
  UNWIND range(0, size(group.items) - 1) AS i
  MATCH (m:Item {itemId: group.items[i]})
  CREATE
    (u)-
      [:RECOMMENDED {
          runId: $runId,
          rank: i + 1,
          score: group.scores[i],
          predictedRating: group.predictedRatings[i],
          evidenceIds: group.evidenceIds[i],
          evidenceContributions: group.evidenceContributions[i],
          fallback: group.fallbacks[i]
        }]->
    (m)
}
