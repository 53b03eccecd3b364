// Purpose: write similar items; one relationship per pair and method, to be read without direction.
// Params:  groups (LIST<MAP>), runId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS group
MATCH (m:Item {itemId: group.itemId})
CALL (m, group) {
  UNWIND range(0, size(group.items) - 1) AS i
  MATCH (other:Item {itemId: group.items[i]})
  CREATE
    (m)-
      [:SIMILAR_TO {
          runId: $runId,
          score: group.scores[i],
          method: group.methods[i]
        }]->
    (other)
}
