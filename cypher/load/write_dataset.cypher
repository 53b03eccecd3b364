// Purpose: say which data set this database holds; madeLabels are the labels that loads gave to its
//          nodes, which a data set of before they were remembered goes on without.
// Params:  name (STRING), idSpace (STRING), userIdType (STRING), itemIdType (STRING), interactionType (STRING), madeLabels (LIST<STRING>), ratingScale (FLOAT, default null)
// Returns: nothing
// Mode:    WRITE, managed transaction
MERGE (d:Dataset {single: true})
  ON CREATE SET d.madeLabels = []
SET
  d.name = $name,
  d.idSpace = $idSpace,
  d.userIdType = $userIdType,
  d.itemIdType = $itemIdType,
  d.interactionType = $interactionType,
  d.ratingScale = $ratingScale,
  d.madeLabels =
    d.madeLabels + [label IN $madeLabels WHERE NOT label IN d.madeLabels]
