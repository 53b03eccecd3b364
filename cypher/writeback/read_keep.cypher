// Purpose: how many runs of a task that were active before stay in the graph.
// Params:  task (STRING)
// Returns: keep
// Mode:    READ, managed transaction
MATCH (t:Task {name: $task})
RETURN coalesce(t.keep, 0) AS keep
