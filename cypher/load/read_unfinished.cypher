// Purpose: work on the graph that was begun and has not ended; host, pid and started are of the process
//          that holds the lock for it, null where none does.
// Params:  none
// Returns: work, kind, subject, command, since, names, numbers, types, host, pid, started
// Mode:    READ, managed transaction
MATCH (w:__Unfinished)
OPTIONAL MATCH (l:__Lock {name: 'load', owner: w.owner})
WHERE l.expires > datetime.realtime()
RETURN
  w.work AS work,
  w.kind AS kind,
  w.subject AS subject,
  w.command AS command,
  toString(w.since) AS since,
  w.names AS names,
  w.numbers AS numbers,
  coalesce(w.types, []) AS types,
  l.host AS host,
  l.pid AS pid,
  toString(l.since) AS started
ORDER BY w.since
