// Purpose: what the data set's node remembers of an adoption, and whether there is such a node.
// Params:  none
// Returns: found, name, adoption (JSON text), runs
// Mode:    READ, managed transaction
OPTIONAL MATCH (d:Dataset {single: true})
RETURN
  d IS NOT NULL AS found,
  d.name AS name,
  d.adoption AS adoption,
  COUNT { (:Run) } AS runs
