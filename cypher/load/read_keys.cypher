// Purpose: the keys of a load and the digests with which they were written, oldest batch first.
// Params:  ledger (STRING)
// Returns: batch, keys, digests
// Mode:    READ, managed transaction
MATCH (l:__Load {ledger: $ledger})
WHERE l.batch >= 0
RETURN l.batch AS batch, l.keys AS keys, l.digests AS digests
ORDER BY batch
