// Purpose: how far back the attention of the active run goes: the share of the last interaction of a history, of the next four, and so on.
//          recency is what it would be by the place alone. A run stores the most attended items of each user alone; what it does not store is the last row. recency is null where the model cannot tell it, and in that row.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
// Params:  users (INTEGER, default 1000)
// Returns: back (places from the end of the history, or 'not stored'), share, recency, audit
// Mode:    READ, managed transaction
// Theme:   Reasons
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
WITH
  run,
  CASE
    WHEN run.label STARTS WITH 'LEAKS' THEN 'LEAKS'
    WHEN false IN [run.auditPassed, parent.auditPassed] THEN 'LEAKS'
    WHEN true IN [run.auditPassed, parent.auditPassed] THEN 'passed'
    ELSE 'not audited'
  END AS audit
OPTIONAL MATCH (dataset:Dataset)
WITH run, audit, coalesce(dataset.interactionType, 'RATED') AS interactionType
CALL (run) {
  MATCH (u:User)
  WHERE
    u.userId IS NOT NULL AND
    EXISTS {
    (u)-[a:ATTENDED_TO {runId: run.runId}]->(:Item)
    }
  WITH u
  ORDER BY u.userId
  LIMIT toInteger($users)
  RETURN collect(u) AS asked
}
UNWIND asked AS u
MATCH (u)-[a:ATTENDED_TO {runId: run.runId}]->(m:Item)
MATCH (u)-[rated:$(interactionType)]->(m)
WITH
  audit,
  size(asked) AS people,
  a,
  u['historyLength' + run.slot] - rated.seq + 1 AS place
WHERE place > 0
WITH
  audit,
  people,
  a,
  CASE
    WHEN place = 1 THEN [1, '1']
    WHEN place <= 5 THEN [2, '2 to 5']
    WHEN place <= 20 THEN [6, '6 to 20']
    WHEN place <= 100 THEN [21, '21 to 100']
    ELSE [101, 'over 100']
  END AS group
WITH
  audit,
  people,
  group,
  sum(a.weight) AS weight,
  CASE
    WHEN count(a.recency) > 0 THEN sum(a.recency)
  END AS recency
ORDER BY group[0]
WITH
  audit,
  collect({back: group[1], share: weight / people, recency: recency / people}) AS rows
UNWIND
  rows +
  [
    {
      back: 'not stored',
      share: reduce(rest = 1.0, row IN rows | rest - row.share)
    }
  ] AS row
RETURN row.back AS back, row.share AS share, row.recency AS recency, audit
