// Purpose: how many nodes have each label.
// Params:  none
// Returns: label, nodes
// Mode:    READ, managed transaction
CALL db.labels() YIELD label
RETURN label, COUNT { (:$(label)) } AS nodes
ORDER BY nodes DESC, label
