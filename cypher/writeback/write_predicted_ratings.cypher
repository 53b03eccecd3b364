// Purpose: put what a rating run predicts onto the recommendations of some users, whose lists are in the order of ranks.
// Params:  groups (LIST<MAP>), runId (STRING), ratingRunId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS group
MATCH (u:User {userId: group.userId})-[r:RECOMMENDED {runId: $runId}]->(:Item)
WITH r, group.ratings[r.rank - 1] AS predictedRating
SET
  r.predictedRating = predictedRating,
  r.ratingRunId =
    CASE
      WHEN predictedRating IS NOT NULL THEN $ratingRunId
    END
