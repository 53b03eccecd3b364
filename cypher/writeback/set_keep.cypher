// Purpose: say how many runs of a task that were active before stay in the graph.
// Params:  task (STRING), keep (INTEGER)
// Returns: nothing
// Mode:    WRITE, managed transaction
MERGE (t:Task {name: $task})
WITH t
WHERE coalesce(t.keep, 0) <> $keep
SET t.keep = $keep
