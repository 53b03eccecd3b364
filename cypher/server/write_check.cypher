// Purpose: one write, to see whether the user may; its transaction is rolled back.
// Params:  name (STRING)
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE (:__Lock {name: $name})
