// Purpose: forget work that is done, while this process holds the lock; without a name all work.
// Params:  owner (STRING), work (STRING, default null)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (:__Lock {name: 'load', owner: $owner})
MATCH (w:__Unfinished)
WHERE $work IS NULL OR w.work = $work
DELETE w
