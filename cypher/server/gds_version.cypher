// Purpose: the version of Graph Data Science; fails where the server has none.
// Params:  none
// Returns: version
// Mode:    READ, managed transaction
RETURN gds.version() AS version
