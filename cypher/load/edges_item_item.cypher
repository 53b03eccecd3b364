// Purpose: knowledge edges from items to items;
//          those that are there already stay. MERGE with a type by parameter took 30 to 100 times
//          as long.
// Params:  groups (LIST<MAP>), type (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $groups AS row
MATCH (start:Item {itemId: row.start})
WITH
  start,
  row,
  COLLECT {
    MATCH (start)-[:$any($type)]->(old:Item)
    RETURN old.itemId
  } AS known
UNWIND row.ends AS endId
WITH start, endId, known
WHERE NOT endId IN known
MATCH (end:Item {itemId: endId})
CREATE (start)-[:$($type)]->(end)
