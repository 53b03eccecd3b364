// Purpose: remove what a run recommends to some users and what their states attended to.
// Params:  runId (STRING), users (LIST)
// Returns: users (how many of them had a list)
// Mode:    WRITE, managed transaction
UNWIND $users AS id
MATCH (u:User {userId: id})-[r:RECOMMENDED|ATTENDED_TO {runId: $runId}]->(:Item)
WITH u, collect(r) AS old
FOREACH (r IN old |
  DELETE r
)
RETURN count(u) AS users
