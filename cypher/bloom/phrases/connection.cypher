// Purpose: how a user and an item are connected over others and what is known, in at most four steps.
// Phrase:  how is user $user connected to $item
// Params:  user (INTEGER|STRING), item (INTEGER|STRING)
// Returns: path
// Mode:    READ, managed transaction
OPTIONAL MATCH (dataset:Dataset)
WITH
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  coalesce(dataset.leftOutTypes, []) AS leftOutTypes
LIMIT 1
MATCH (m:Item)
WHERE m.title = $item OR m.name = $item OR m.itemId = $item
MATCH (u:User {userId: $user})
MATCH path = ALLSHORTESTPATHS ((u)-[*..4]-(m))
WHERE
  all(
    step IN relationships(path)
    WHERE
      NOT type(step) IN
      leftOutTypes + ['RECOMMENDED', 'ATTENDED_TO', 'SIMILAR_TO']
  )
RETURN path
LIMIT 10
