// Purpose: the history that spoke for the selected recommendations.
// Params:  relationships (LIST<STRING>)
// Returns: path
// Mode:    READ, managed transaction
OPTIONAL MATCH (dataset:Dataset)
WITH coalesce(dataset.interactionType, 'RATED') AS interactionType
LIMIT 1
MATCH (u:User)-[r:RECOMMENDED]->(:Item)
WHERE elementId(r) IN $relationships
UNWIND r.evidenceIds AS evidenceId
MATCH (h:Item {itemId: evidenceId})
MATCH path = (u)-[had]->(h)
WHERE type(had) = interactionType
RETURN path
