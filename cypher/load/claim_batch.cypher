// Purpose: claim a batch for the transaction that is about to write it; fresh is false when this
//          very batch was written before.
// Params:  ledger (STRING), batch (INTEGER), checksum (STRING)
// Returns: fresh
// Mode:    WRITE, managed transaction
MERGE (l:__Load {ledger: $ledger, batch: $batch})
WITH l, coalesce(l.checksum <> $checksum, true) AS fresh
SET l.checksum = $checksum
RETURN fresh
