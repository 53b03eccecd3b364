// Purpose: a batch of a load is written once.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE CONSTRAINT load_batch_unique IF NOT EXISTS
FOR (l:__Load)
REQUIRE (l.ledger, l.batch) IS UNIQUE
