// Purpose: forget batches of which every key was written again since.
// Params:  ledger (STRING), batches (LIST<INTEGER>)
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND $batches AS batch
MATCH (l:__Load {ledger: $ledger, batch: batch})
DELETE l
