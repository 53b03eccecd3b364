// Purpose: remove the node of a run; the parent of a refit stays, with its figures only.
// Params:  runId (STRING)
// Returns: archived
// Mode:    WRITE, managed transaction
MATCH (run:Run {runId: $runId})
REMOVE run.slot, run.userVectorIndex, run.itemVectorIndex, run.retiredAt, run.replacedAt, run.ratingRunId, run.ratingsDigest
SET run.status = 'archived'
WITH run, EXISTS { (:Run)-[:REFIT_OF]->(run) } AS archived
CALL (run, archived) {
  WITH run
  WHERE NOT archived
  DETACH DELETE run
}
RETURN archived
