// Purpose: on how many nodes a label is already, and on how many of those that are to have it.
// Params:  role (STRING), labels (LIST<STRING>)
// Returns: nodes (that are to have it), there (of these, that have it), elsewhere (others that have it)
// Mode:    READ, managed transaction
CALL () {
  MATCH (n:$any($labels))
  RETURN
    count(n) AS nodes,
    count(
      CASE
        WHEN $role IN labels(n) THEN 1
      END) AS there
}
CALL () {
  MATCH (n:$($role))
  WHERE none(label IN labels(n) WHERE label IN $labels)
  RETURN count(n) AS elsewhere
}
RETURN nodes, there, elsewhere
