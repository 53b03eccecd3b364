// Purpose: what a user had last.
// Phrase:  history of user $user
// Params:  user (INTEGER|STRING)
// Returns: path
// Mode:    READ, managed transaction
OPTIONAL MATCH (dataset:Dataset)
WITH coalesce(dataset.interactionType, 'RATED') AS interactionType
LIMIT 1
MATCH path = (u:User {userId: $user})-[had]->(:Item)
WHERE type(had) = interactionType
RETURN path
ORDER BY had.seq DESC
LIMIT 20
