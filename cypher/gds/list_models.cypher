// Purpose: names and ages of the models in the catalogue whose name has a prefix.
// Params:  prefix (STRING)
// Returns: name, hours
// Mode:    READ, managed transaction
CALL
  gds.model.list(
  )
  YIELD modelName, creationTime
  WHERE modelName STARTS WITH $prefix
RETURN
  modelName AS name,
  duration.inSeconds(creationTime, datetime()).hours AS hours
