// Purpose: what the database says about its data set, and which runs are active.
// Params:  none
// Returns: dataset (properties), adopted, active (list of task, runId, model)
// Mode:    READ, managed transaction
OPTIONAL MATCH (d:Dataset)
RETURN
  d {.name, .idSpace, .userIdType, .itemIdType, .interactionType} AS dataset,
  d.adoption IS NOT NULL AS adopted,
  COLLECT {
    MATCH (t:Task)
    MATCH (run:Run {runId: t.activeRunId})
    RETURN {task: t.name, runId: run.runId, model: run.model} AS one
    ORDER
    BY
    t.name
  } AS active
