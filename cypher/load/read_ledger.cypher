// Purpose: the batches of a load that were written.
// Params:  ledger (STRING)
// Returns: batch, checksum
// Mode:    READ, managed transaction
MATCH (l:__Load {ledger: $ledger})
RETURN l.batch AS batch, l.checksum AS checksum
