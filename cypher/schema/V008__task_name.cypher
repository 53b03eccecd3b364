// Purpose: a task has one pointer to its active run.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE CONSTRAINT task_name_unique IF NOT EXISTS
FOR (t:Task)
REQUIRE t.name IS UNIQUE
