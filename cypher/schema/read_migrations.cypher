// Purpose: the migrations that this graph has had.
// Params:  none
// Returns: version, description, checksum, appliedAt
// Mode:    READ, managed transaction
MATCH (m:__Migration)
RETURN
  m.version AS version,
  m.description AS description,
  m.checksum AS checksum,
  toString(m.appliedAt) AS appliedAt
ORDER BY version
