// Purpose: whether a run folder's content is in the graph and active, with so much evidence per
//          recommendation; null is all that the run has.
// Params:  runId (STRING), evidenceTop (INTEGER, default null)
// Returns: written
// Mode:    READ, managed transaction
OPTIONAL MATCH (t:Task)
OPTIONAL MATCH (run:Run {runId: t.activeRunId})
WHERE
  run.folder = $runId AND
  coalesce(run.evidenceTop, -1) = coalesce($evidenceTop, -1)
RETURN count(run) > 0 AS written
