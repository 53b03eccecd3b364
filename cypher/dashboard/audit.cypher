// Purpose: whether the active run, or the one it was fitted from, has seen what it was to predict.
// Params:  none
// Returns: audit
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
RETURN
  CASE
    WHEN run.label STARTS WITH 'LEAKS' THEN 'LEAKS'
    WHEN false IN [run.auditPassed, parent.auditPassed] THEN 'LEAKS'
    WHEN true IN [run.auditPassed, parent.auditPassed] THEN 'passed'
    ELSE 'not audited'
  END AS audit
