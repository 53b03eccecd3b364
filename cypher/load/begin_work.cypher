// Purpose: remember that work on the graph is under way, while this process holds the lock; else there
//          is no row. The mark outlives a process that is killed.
// Params:  owner (STRING), work (STRING), properties (MAP)
// Returns: work
// Mode:    WRITE, managed transaction
MATCH (:__Lock {name: 'load', owner: $owner})
MERGE (w:__Unfinished {work: $work})
SET w += $properties
SET w.owner = $owner, w.since = datetime.truncate('second', datetime.realtime())
RETURN w.work AS work
