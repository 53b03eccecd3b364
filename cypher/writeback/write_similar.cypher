// Purpose: write similar items, one relationship per pair and method, to be read without
//          direction, given as columns. Starts and ends are
//          places in the lists of ids, so that each node is looked up once; a row of a node that
//          is missing is left out. A column may be null.
// Params:  startIds (LIST<ANY>), endIds (LIST<ANY>), starts (LIST<INTEGER>), ends (LIST<INTEGER>), scores (LIST<FLOAT>), methods (LIST<STRING>), runId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
WITH
  COLLECT {
    UNWIND range(0, size($startIds) - 1) AS n
    OPTIONAL MATCH (m:Item {itemId: $startIds[n]})
    WITH m, n
    ORDER
    BY
    n
    RETURN m
  } AS items,
  COLLECT {
    UNWIND range(0, size($endIds) - 1) AS n
    OPTIONAL MATCH (other:Item {itemId: $endIds[n]})
    WITH other, n
    ORDER
    BY
    n
    RETURN other
  } AS others
UNWIND range(0, size($starts) - 1) AS n
WITH items[$starts[n]] AS m, others[$ends[n]] AS other, n
WHERE m IS NOT NULL AND other IS NOT NULL
CREATE
  (m)-[:SIMILAR_TO {runId: $runId, score: $scores[n], method: $methods[n]}]->
  (other)
