// Purpose: how many relationships of a run are in the graph.
// Params:  runId (STRING)
// Returns: recommended, attended, similar
// Mode:    READ, managed transaction
CALL () {
  MATCH (:User)-[r:RECOMMENDED {runId: $runId}]->(:Item)
  RETURN count(r) AS recommended
}
CALL () {
  MATCH (:User)-[a:ATTENDED_TO {runId: $runId}]->(:Item)
  RETURN count(a) AS attended
}
CALL () {
  MATCH (:Item)-[s:SIMILAR_TO {runId: $runId}]->(:Item)
  RETURN count(s) AS similar
}
RETURN recommended, attended, similar
