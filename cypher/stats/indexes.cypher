// Purpose: the indexes that the database has, those of constraints among them.
// Params:  none
// Returns: name, type, labels, properties, constraint (its name), state
// Mode:    READ, managed transaction
SHOW INDEXES
YIELD name, type, labelsOrTypes, properties, owningConstraint, state
RETURN
  name,
  type,
  labelsOrTypes AS labels,
  properties,
  owningConstraint AS constraint,
  state
ORDER BY name
