// Purpose: attention row by row, as one would write it first (CREATE).
// Params:  rows (LIST<MAP>), runId (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $rows AS row
MATCH (u:User {userId: row.user})
MATCH (h:Item {itemId: row.item})
CREATE (u)-[a:ATTENDED_TO {runId: $runId}]->(h)
SET a.weight = row.weight, a.rank = row.rank
