// Purpose: recommendations row by row, as one would write them first (MERGE).
// Params:  rows (LIST<MAP>), runId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $rows AS row
MATCH (u:User {userId: row.user})
MATCH (m:Item {itemId: row.item})
MERGE (u)-[r:RECOMMENDED {runId: $runId}]->(m)
SET
  r.rank = row.rank,
  r.score = row.score,
  r.evidenceIds = row.evidenceIds,
  r.evidenceContributions = row.evidenceContributions
