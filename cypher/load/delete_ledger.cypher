// Purpose: forget the batches of one ledger, some of whose rows were deleted by others.
// Params:  ledger (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (l:__Load {ledger: $ledger})
DELETE l
