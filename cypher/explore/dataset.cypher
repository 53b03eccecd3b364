// Purpose: what the graph says about its data set, for those who draw it.
// Params:  none
// Returns: name, interactionType, leftOutTypes, ratingScale
// Mode:    READ, managed transaction
OPTIONAL MATCH (d:Dataset)
WITH d
LIMIT 1
RETURN
  d.name AS name,
  coalesce(d.interactionType, 'RATED') AS interactionType,
  coalesce(d.leftOutTypes, []) AS leftOutTypes,
  d.ratingScale AS ratingScale
