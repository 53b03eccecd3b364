// Purpose: the runs in the graph, with their test figures; those of a refit are its parent's.
//          Where auditPassed is false, the figures leak what they were to predict.
// Params:  none
// Returns: runId, active, status, model, protocol, knowledge, auditPassed, precisionAt10, sumReciprocalRankAt10, refitOf, createdAt
// Mode:    READ, managed transaction
// Theme:   Runs
MATCH (run:Run)
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
RETURN
  run.runId AS runId,
  EXISTS { (t:Task {activeRunId: run.runId}) } AS active,
  run.status AS status,
  run.model AS model,
  run.protocol AS protocol,
  run.knowledge AS knowledge,
  CASE
    WHEN run.label STARTS WITH 'LEAKS' THEN false
    WHEN run.auditPassed = false OR parent.auditPassed = false THEN false
    ELSE coalesce(parent.auditPassed, run.auditPassed)
  END AS auditPassed,
  coalesce(run.precisionAt10, parent.precisionAt10) AS precisionAt10,
  coalesce(run.sumReciprocalRankAt10, parent.sumReciprocalRankAt10) AS sumReciprocalRankAt10,
  parent.runId AS refitOf,
  run.createdAt AS createdAt
ORDER BY createdAt DESC
