// Purpose: a migration is recorded once.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE CONSTRAINT migration_version_unique IF NOT EXISTS
FOR (m:__Migration)
REQUIRE m.version IS UNIQUE
