// Purpose: the items that most users are recommended among their first ten, and how many users had them.
// Params:  none
// Returns: item, year, recommended, had
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (dataset:Dataset)
WITH run, coalesce(dataset.interactionType, 'RATED') AS interactionType
MATCH (:User)-[r:RECOMMENDED {runId: run.runId}]->(m:Item)
WHERE r.rank <= 10
WITH interactionType, m, count(*) AS recommended
ORDER BY recommended DESC, m.itemId
LIMIT 25
RETURN
  coalesce(m.title, m.name, toString(m.itemId)) AS item,
  m.year AS year,
  recommended,
  COUNT { (m)<-[had]-(:User)
  WHERE type(had) = interactionType } AS had
ORDER BY recommended DESC, item
