// Purpose: forget the batches of a load whose rows were deleted.
// Params:  ledger (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (l:__Load {ledger: $ledger})
DELETE l
