// Purpose: nodes that no load of ours made, by their labels: all of them where no data set was loaded,
//          else those without a role's label and key.
// Params:  none
// Returns: labels, nodes
// Mode:    READ, managed transaction
OPTIONAL MATCH (d:Dataset {single: true})
WITH count(d.idSpace) > 0 AS loaded
MATCH (n:!(__Migration|__Lock|__Load|__Unfinished))
WHERE
  NOT loaded OR
  NOT (n:User AND n.userId IS NOT NULL OR
    n:Item AND n.itemId IS NOT NULL OR
    n:Entity AND n.entityId IS NOT NULL OR
    n:Run AND n.runId IS NOT NULL OR
    n:Task AND n.name IS NOT NULL OR
    n:Dataset AND n.single IS NOT NULL)
RETURN labels(n) AS labels, count(*) AS nodes
ORDER BY nodes DESC, labels
