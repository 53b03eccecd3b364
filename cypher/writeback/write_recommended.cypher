// Purpose: write the recommendations of some users, with their evidence, and with what a
//          rating run predicts, given as columns. Starts and ends are
//          places in the lists of ids, so that each node is looked up once; a row of a node that
//          is missing is left out. A column may be null.
// Params:  startIds (LIST<ANY>), endIds (LIST<ANY>), starts (LIST<INTEGER>), ends (LIST<INTEGER>), ranks (LIST<INTEGER>), scores (LIST<FLOAT>), evidenceIds (LIST<ANY>, default null), evidenceContributions (LIST<ANY>, default null), fallbacks (LIST<STRING>, default null), predictedRatings (LIST<FLOAT>, default null), runId (STRING), ratingRunId (STRING, default null)
// Returns: nothing
// Mode:    WRITE, managed transaction
WITH
  COLLECT {
    UNWIND range(0, size($startIds) - 1) AS n
    OPTIONAL MATCH (u:User {userId: $startIds[n]})
    WITH u, n
    ORDER
    BY
    n
    RETURN u
  } AS users,
  COLLECT {
    UNWIND range(0, size($endIds) - 1) AS n
    OPTIONAL MATCH (m:Item {itemId: $endIds[n]})
    WITH m, n
    ORDER
    BY
    n
    RETURN m
  } AS items
UNWIND range(0, size($starts) - 1) AS n
WITH users[$starts[n]] AS u, items[$ends[n]] AS m, n
WHERE u IS NOT NULL AND m IS NOT NULL
CREATE
  (u)-
    [:RECOMMENDED {
        runId: $runId,
        rank: $ranks[n],
        score: $scores[n],
        predictedRating: $predictedRatings[n],
        ratingRunId:
          CASE
            WHEN $predictedRatings[n] IS NOT NULL THEN $ratingRunId
          END,
        evidenceIds: $evidenceIds[n],
        evidenceContributions: $evidenceContributions[n],
        fallback: $fallbacks[n]
      }]->
  (m)
