// Purpose: all runs in the graph, newest first, and which of them are active.
// Params:  none
// Returns: run (the node's properties), parentId, active, hasRefit
// Mode:    READ, managed transaction
MATCH (run:Run)
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
RETURN
  run {
    .*,
    createdAt: toString(run.createdAt),
    writtenAt: toString(run.writtenAt),
    retiredAt: toString(run.retiredAt)
  } AS run,
  parent.runId AS parentId,
  EXISTS { (t:Task {activeRunId: run.runId}) } AS active,
  EXISTS { (:Run)-[:REFIT_OF]->(run) } AS hasRefit
ORDER BY run.createdAt DESC, run.runId
