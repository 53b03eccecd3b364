// Purpose: remember the labels that a load gives to the nodes of the data set which it adds to.
// Params:  madeLabels (LIST<STRING>)
// Returns: nothing
// Mode:    WRITE, managed transaction
MATCH (d:Dataset {single: true})
SET
  d.madeLabels =
    d.madeLabels + [label IN $madeLabels WHERE NOT label IN d.madeLabels]
