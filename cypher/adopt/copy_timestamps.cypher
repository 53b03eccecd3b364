// Purpose: the time of each interaction in whole epoch seconds; dates and times without zone are taken as UTC.
// Params:  type (STRING), source (STRING), divisor (INTEGER)
// Returns: interactions
// Mode:    WRITE, auto-commit
MATCH (u:User)
CALL (u) {
  MATCH (u)-[r:$($type)]->(:Item)
  WITH r, r[$source] AS value, valueType(r[$source]) AS kind
  WITH
    r,
    CASE
      WHEN kind STARTS WITH 'INTEGER' THEN value / $divisor
      WHEN kind STARTS WITH 'ZONED DATETIME' THEN value.epochSeconds
      WHEN
        kind STARTS WITH 'LOCAL DATETIME'
        THEN datetime({datetime: value, timezone: 'UTC'}).epochSeconds
      WHEN
        kind STARTS WITH 'DATE'
        THEN datetime({date: value, timezone: 'UTC'}).epochSeconds
    END AS timestamp
  WHERE
    timestamp IS NOT NULL AND (r.timestamp IS NULL OR r.timestamp <> timestamp)
  SET r.timestamp = timestamp
  RETURN count(r) AS changed
} IN TRANSACTIONS OF 200 ROWS
RETURN sum(changed) AS interactions
