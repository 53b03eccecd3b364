// Purpose: keep the lock; no row when another loader has taken it.
// Params:  name (STRING), owner (STRING), seconds (INTEGER)
// Returns: owner
// Mode:    WRITE, managed transaction
MATCH (l:__Lock {name: $name, owner: $owner})
SET l.expires = datetime.realtime() + duration({seconds: $seconds})
RETURN l.owner AS owner
