// Purpose: the smallest query, to see whether the server answers.
// Params:  none
// Returns: answer
// Mode:    READ, managed transaction
RETURN 1 AS answer
