// Purpose: users who have an item, the last ones first.
// Phrase:  users of $item
// Params:  item (INTEGER|STRING)
// Returns: path
// Mode:    READ, managed transaction
OPTIONAL MATCH (dataset:Dataset)
WITH coalesce(dataset.interactionType, 'RATED') AS interactionType
LIMIT 1
MATCH (m:Item)
WHERE m.title = $item OR m.name = $item OR m.itemId = $item
MATCH path = (m)<-[had]-(:User)
WHERE type(had) = interactionType
RETURN path
ORDER BY had.timestamp DESC, had.seq DESC
LIMIT 20
