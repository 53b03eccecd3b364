// Purpose: remove what a run recommends to some users and what their states attended to, and note how many
//          interactions the lists that follow are made from.
// Params:  runId (STRING), written (STRING), users (LIST), events (LIST<INTEGER>)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND range(0, size($users) - 1) AS n
MATCH (u:User {userId: $users[n]})
SET u.refreshedRun = $written, u.refreshedEvents = $events[n]
WITH u
MATCH (u)-[r:RECOMMENDED|ATTENDED_TO {runId: $runId}]->(:Item)
DELETE r
