// Purpose: write what the states of some users attend to in their own history, given as columns. Starts and ends are
//          places in the lists of ids, so that each node is looked up once; a row of a node that
//          is missing is left out. A column may be null.
// Params:  startIds (LIST<ANY>), endIds (LIST<ANY>), starts (LIST<INTEGER>), ends (LIST<INTEGER>), ranks (LIST<INTEGER>), weights (LIST<FLOAT>), recencies (LIST<FLOAT>, default null), runId (STRING)
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
    OPTIONAL MATCH (h:Item {itemId: $endIds[n]})
    WITH h, n
    ORDER
    BY
    n
    RETURN h
  } AS items
UNWIND range(0, size($starts) - 1) AS n
WITH users[$starts[n]] AS u, items[$ends[n]] AS h, n
WHERE u IS NOT NULL AND h IS NOT NULL
CREATE
  (u)-
    [:ATTENDED_TO {
        runId: $runId,
        weight: $weights[n],
        recency: $recencies[n],
        rank: $ranks[n]
      }]->
  (h)
