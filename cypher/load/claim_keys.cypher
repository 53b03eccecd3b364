// Purpose: claim a batch for the transaction that is about to write it, while this loader still
//          holds the lock; else there is no row. fresh is false when this very batch was written
//          before, same is false when another one was written under its number.
// Params:  owner (STRING), ledger (STRING), batch (INTEGER), checksum (STRING), keys (LIST<ANY>), digests (LIST<INTEGER>)
// Returns: fresh, same
// Mode:    WRITE, managed transaction
MATCH (:__Lock {name: 'load', owner: $owner})
MERGE (l:__Load {ledger: $ledger, batch: $batch})
  ON CREATE SET l.keys = $keys, l.digests = $digests
WITH l, l.checksum IS NULL AS fresh
SET l.checksum = coalesce(l.checksum, $checksum)
RETURN fresh, l.checksum = $checksum AS same
