// Purpose: labels that others have put on the nodes of a data set that remembers which labels it has.
// Params:  none
// Returns: label, nodes
// Mode:    READ, managed transaction
MATCH (d:Dataset {single: true})
WHERE d.madeLabels IS NOT NULL
WITH d.madeLabels AS made
CALL
  db.labels(
  )
  YIELD label
  WHERE
    NOT label IN made AND
    NOT label STARTS WITH '__' AND
    NOT label IN ['User', 'Item', 'Entity', 'Run', 'Task', 'Dataset']
WITH
  label,
  COUNT {
    MATCH (n:$(label))
    WHERE
      n.userId IS NOT NULL OR
      n.itemId IS NOT NULL OR
      n.entityId IS NOT NULL OR
      n.runId IS NOT NULL
  } AS nodes
WHERE nodes > 0
RETURN label, nodes
ORDER BY nodes DESC, label
