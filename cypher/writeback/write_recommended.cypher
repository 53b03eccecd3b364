// Purpose: write the recommendations of some users, with their evidence, and with what a rating run predicts.
// Params:  groups (LIST<MAP>), runId (STRING), ratingRunId (STRING, default null)
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
          ratingRunId:
            CASE
              WHEN group.predictedRatings[i] IS NOT NULL THEN $ratingRunId
            END,
          evidenceIds: group.evidenceIds[i],
          evidenceContributions: group.evidenceContributions[i],
          fallback: group.fallbacks[i]
        }]->
    (m)
}
