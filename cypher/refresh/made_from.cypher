// Purpose: from how many interactions a user's list was made anew; no row where it was not.
// Params:  userId (INTEGER|STRING), written (STRING)
// Returns: events
// Mode:    READ, managed transaction
MATCH (u:User {userId: $userId})
WHERE u.refreshedRun = $written
RETURN u.refreshedEvents AS events
