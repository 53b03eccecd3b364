// Purpose: all runs in the graph, newest first, which of them are active, and how many of their
//          task that were active before stay.
// Params:  none
// Returns: run (the node's properties), parentId, active, hasRefit, keep
// Mode:    READ, managed transaction
MATCH (run:Run)
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
RETURN
  run {
    .*,
    createdAt: toString(run.createdAt),
    writtenAt: toString(run.writtenAt),
    retiredAt: toString(run.retiredAt),
    replacedAt: toString(run.replacedAt)
  } AS run,
  parent.runId AS parentId,
  EXISTS { (t:Task {activeRunId: run.runId}) } AS active,
  EXISTS { (:Run)-[:REFIT_OF]->(run) } AS hasRefit,
  coalesce(
    COLLECT {
      MATCH (t:Task {name: coalesce(run.task, 'ranking')})
      RETURN t.keep
    }[0],
    0
  ) AS keep
ORDER BY run.createdAt DESC, run.runId
