// Purpose: one data set per database; the constant property 'single' makes a second one impossible.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE CONSTRAINT dataset_single_unique IF NOT EXISTS
FOR (d:Dataset)
REQUIRE d.single IS UNIQUE
