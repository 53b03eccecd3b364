// Purpose: the properties of relationships of one type, in a sample; low and high of each kind of value.
// Params:  type (STRING), sample (INTEGER, default 20000)
// Returns: name, valueType, found, low, high
// Mode:    READ, managed transaction
MATCH ()-[r:$($type)]->()
WITH r
LIMIT $sample
UNWIND keys(r) AS name
WITH name, valueType(r[name]) AS valueType, r[name] AS value
RETURN name, valueType, count(*) AS found, min(value) AS low, max(value) AS high
ORDER BY name, found DESC
