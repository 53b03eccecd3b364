// Purpose: write what the states of some users attend to in their own history.
// Params:  groups (LIST<MAP>), runId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS group
MATCH (u:User {userId: group.userId})
CALL (u, group) {
  UNWIND range(0, size(group.items) - 1) AS i
  MATCH (h:Item {itemId: group.items[i]})
  CREATE
    (u)-
      [:ATTENDED_TO {
          runId: $runId,
          weight: group.weights[i],
          recency: group.recencies[i],
          rank: i + 1
        }]->
    (h)
}
