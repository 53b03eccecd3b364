// Purpose: where the attention of the active run goes: by genre, or by whatever else has the label, such as Person with the type DIRECTED for directors.
//          share is that of the attention of the first users by id, beside the share of their interactions; an item with several names counts
//          for each of them in part. Only items that have such a name count; covered is their share of the attention.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
// Params:  label (STRING, default 'Genre'), type (STRING, default null), users (INTEGER, default 1000), n (INTEGER, default 20)
// Returns: name, share, ofInteractions, covered, audit
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
CALL (run, asked, interactionType) {
  UNWIND asked AS u
  MATCH (u)-[a:ATTENDED_TO {runId: run.runId}]->(m:Item)
  RETURN m, sum(a.weight) AS weight, 0 AS uses
    UNION ALL
  UNWIND asked AS u
  MATCH (u)-[rated:$(interactionType)]->(m:Item)
  WHERE rated.seq <= u['historyLength' + run.slot]
  RETURN m, 0.0 AS weight, count(*) AS uses
}
WITH audit, m, sum(weight) AS weight, sum(uses) AS uses
CALL (m) {
  MATCH (m)-[r]-(e:Entity)
  WHERE
    $label IN labels(e) AND
    ($type IS NULL OR type(r) = $type) AND
    e.name IS NOT NULL
  RETURN collect(DISTINCT e.name) AS names
}
WITH audit, collect({weight: weight, uses: uses, names: names}) AS items
WITH
  audit,
  items,
  reduce(sum = 1e-30, one IN items | sum + one.weight) AS attention
UNWIND items AS item
WITH
  audit,
  attention,
  item.weight AS weight,
  item.uses AS uses,
  item.names AS names
WHERE size(names) > 0
UNWIND names AS name
WITH
  audit,
  attention,
  name,
  sum(weight / size(names)) AS weight,
  sum(uses * 1.0 / size(names)) AS uses
WITH audit, attention, collect({name: name, weight: weight, uses: uses}) AS rows
WITH
  audit,
  attention,
  rows,
  reduce(sum = 1e-30, row IN rows | sum + row.weight) AS weights,
  reduce(sum = 1e-30, row IN rows | sum + row.uses) AS all
UNWIND rows AS row
RETURN
  row.name AS name,
  row.weight / weights AS share,
  row.uses / all AS ofInteractions,
  weights / attention AS covered,
  audit
ORDER BY share DESC, name
LIMIT toInteger($n)
