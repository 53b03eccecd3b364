// Purpose: the kinds of a property's values on interactions, with the lowest and highest of each.
// Params:  type (STRING), users (LIST<STRING>), items (LIST<STRING>), name (STRING)
// Returns: valueType, interactions, low, high
// Mode:    READ, managed transaction
MATCH (:$any($users))-[r:$($type)]->(:$any($items))
WITH valueType(r[$name]) AS valueType, r[$name] AS value
RETURN
  valueType,
  count(*) AS interactions,
  min(value) AS low,
  max(value) AS high
ORDER BY interactions DESC
