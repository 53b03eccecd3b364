// Purpose: relationships of types that no load of ours made; types are further ones that it did.
// Params:  types (LIST<STRING>)
// Returns: type, relationships
// Mode:    READ, managed transaction
OPTIONAL MATCH (d:Dataset {single: true})
WITH collect(d.interactionType) AS interaction
OPTIONAL MATCH (l:__Load)
WITH interaction, collect(DISTINCT split(l.ledger, '/')[-1]) AS written
WITH interaction + written + $types AS ours
CALL db.relationshipTypes() YIELD relationshipType AS type
WITH type
WHERE NOT type IN ours
WITH type, COUNT { ()-[:$(type)]->() } AS relationships
WHERE relationships > 0
RETURN type, relationships
ORDER BY relationships DESC, type
