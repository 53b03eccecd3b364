// Purpose: join a refit run to its parent; a parent that is not in the graph comes with its figures only.
// Params:  runId (STRING), parentId (STRING), createdAt (STRING), properties (MAP)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (run:Run {runId: $runId})
MERGE (parent:Run {runId: $parentId})
  ON CREATE SET
    parent += $properties,
    parent.createdAt = datetime($createdAt),
    parent.status = 'archived'
MERGE (run)-[:REFIT_OF]->(parent)
