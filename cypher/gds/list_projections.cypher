// Purpose: names and ages of the database's projections whose name has a prefix.
// Params:  prefix (STRING), database (STRING)
// Returns: name, hours
// Mode:    READ, managed transaction
CALL
  gds.graph.list(
  )
  YIELD graphName, database, creationTime
  WHERE graphName STARTS WITH $prefix AND database = $database
RETURN
  graphName AS name,
  duration.inSeconds(creationTime, datetime()).hours AS hours
