// Purpose: how many places in top tens fall to items of each decade.
// Params:  none
// Returns: decade, recommendations
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
MATCH (:User)-[r:RECOMMENDED {runId: run.runId}]->(m:Item)
WHERE r.rank <= 10 AND m.year IS NOT NULL
WITH m.year / 10 * 10 AS decade, count(*) AS recommendations
RETURN toString(decade) AS decade, recommendations
ORDER BY decade
