// Purpose: the properties of nodes of each label, in a sample of each label.
// Params:  sample (INTEGER, default 20000)
// Returns: label, name, nodes (that have it), types
// Mode:    READ, managed transaction
CALL db.labels() YIELD label
CALL (label) {
  MATCH (n:$(label))
  WITH n
  LIMIT $sample
  UNWIND keys(n) AS name
  RETURN name, count(*) AS nodes, collect(DISTINCT valueType(n[name])) AS types
}
RETURN label, name, nodes, types
ORDER BY label, nodes DESC, name
