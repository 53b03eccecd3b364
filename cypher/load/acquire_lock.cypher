// Purpose: take the loader's lock if it is free, expired or held by one of the owners; and who
//          holds it then. The first SET waits for other transactions that are about to take it.
// Params:  name (STRING), owner (STRING), owners (LIST<STRING>), host (STRING), pid (INTEGER), seconds (INTEGER)
// Returns: owner, host, pid, since, expires
// Mode:    WRITE, managed transaction
MERGE (l:__Lock {name: $name})
SET l.name = $name
WITH
  l,
  l.owner IS NULL OR l.owner IN $owners OR l.expires <= datetime.realtime() AS free
FOREACH (_ IN
CASE
  WHEN free THEN [1]
  ELSE []
END |
  SET
    l.owner = $owner,
    l.host = $host,
    l.pid = $pid,
    l.since = datetime.realtime(),
    l.expires = datetime.realtime() + duration({seconds: $seconds})
)
RETURN
  l.owner AS owner,
  l.host AS host,
  l.pid AS pid,
  toString(l.since) AS since,
  toString(l.expires) AS expires
