// Purpose: from which labels to which each relationship type leads, in a sample of each type.
// Params:  sample (INTEGER, default 100000)
// Returns: type, starts (labels), ends (labels), sampled, relationships (all of the type)
// Mode:    READ, managed transaction
CALL db.relationshipTypes() YIELD relationshipType AS type
CALL (type) {
  MATCH (start)-[r:$(type)]->(end)
  WITH start, end
  LIMIT $sample
  RETURN labels(start) AS starts, labels(end) AS ends, count(*) AS sampled
}
RETURN type, starts, ends, sampled, COUNT { ()-[:$(type)]->() } AS relationships
ORDER BY type, sampled DESC
