// Purpose: how many items the graph knows something about.
// Params:  types (LIST<STRING>)
// Returns: items, known
// Mode:    READ, managed transaction
MATCH (i:Item)
RETURN
  count(i) AS items,
  count(
    CASE
      WHEN EXISTS { (i)-[:$any($types)]-(:Entity) } THEN 1
    END) AS known
