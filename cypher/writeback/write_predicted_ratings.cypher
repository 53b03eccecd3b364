// Purpose: put what a rating run predicts onto the recommendations of some users; of items that it was not asked
//          about, nothing.
// Params:  groups (LIST<MAP>), runId (STRING), ratingRunId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS group
MATCH (u:User {userId: group.userId})-[r:RECOMMENDED {runId: $runId}]->(m:Item)
WITH
  r,
  [
    i IN range(0, size(group.items) - 1)
    WHERE group.items[i] = m.itemId
    | group.ratings[i]
  ][0] AS predictedRating
SET
  r.predictedRating = predictedRating,
  r.ratingRunId =
    CASE
      WHEN predictedRating IS NOT NULL THEN $ratingRunId
    END
