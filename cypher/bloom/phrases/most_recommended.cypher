// Purpose: items that are in most lists of the active run.
// Phrase:  top $n recommended
// Params:  n (INTEGER)
// Returns: m
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (m:Item)
WITH
  activeRunId,
  m,
  COUNT { (m)<-[:RECOMMENDED {runId: activeRunId}]-() } AS lists
WHERE lists > 0
RETURN m
ORDER BY lists DESC
LIMIT toInteger($n)
