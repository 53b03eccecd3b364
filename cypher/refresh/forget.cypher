// Purpose: count the lists of a write-back as not made anew, so that the next refresh makes them.
// Params:  written (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (u:User)
WHERE u.refreshedRun = $written
REMOVE u.refreshedRun, u.refreshedEvents
