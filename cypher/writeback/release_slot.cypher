// Purpose: take a vector slot from the run that has it, before other vectors go into it.
// Params:  slot (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (run:Run {slot: $slot})
REMOVE run.slot, run.userVectorIndex, run.itemVectorIndex
