// Purpose: name, version and edition of the server.
// Params:  none
// Returns: name, version, edition
// Mode:    READ, managed transaction
CALL dbms.components() YIELD name, versions, edition
RETURN name, versions[0] AS version, edition
