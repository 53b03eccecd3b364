// Purpose: the switch: from this one write on, every reader sees this run, and predictions of no other rating run.
// Params:  task (STRING), runId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MERGE (t:Task {name: $task})
WITH t, t.activeRunId AS before
OPTIONAL MATCH (old:Run {runId: before})
SET old.replacedAt = datetime()
SET t.activeRunId = $runId
WITH t
OPTIONAL MATCH (new:Run {runId: $runId})
REMOVE new.replacedAt
WITH t
MATCH (run:Run)
WHERE t.name = 'rating' AND run.ratingRunId <> $runId
REMOVE run.ratingRunId, run.ratingsDigest
