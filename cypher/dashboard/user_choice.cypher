// Purpose: users to choose from whose number contains what was typed.
// Params:  input (STRING)
// Returns: value, display
// Mode:    READ, managed transaction
MATCH (n:User)
WHERE toLower(toString(n.userId)) CONTAINS toLower($input)
RETURN DISTINCT n.userId AS value, n.userId AS display
ORDER BY size(toString(value)), value
LIMIT 5
