// Purpose: remember that a migration was applied, with the checksum of its text.
// Params:  version (STRING), description (STRING), checksum (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MERGE (m:__Migration {version: $version})
SET
  m.description = $description,
  m.checksum = $checksum,
  m.appliedAt = datetime()
