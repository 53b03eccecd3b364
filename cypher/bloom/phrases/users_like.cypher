// Purpose: users who have most items in common with a user, by these items.
// Phrase:  users like user $user
// Params:  user (INTEGER|STRING)
// Returns: path
// Mode:    READ, managed transaction
OPTIONAL MATCH (dataset:Dataset)
WITH coalesce(dataset.interactionType, 'RATED') AS interactionType
LIMIT 1
MATCH (u:User {userId: $user})-[own]->(m:Item)<-[its]-(other:User)
WHERE type(own) = interactionType AND type(its) = interactionType
WITH interactionType, u, other, count(*) AS common
ORDER BY common DESC, other.userId
LIMIT 5
CALL (u, other, interactionType) {
  MATCH path = (u)-[own]->(m:Item)<-[its]-(other)
  WHERE type(own) = interactionType AND type(its) = interactionType
  RETURN path
  ORDER BY own.seq DESC
  LIMIT 5
}
RETURN path
