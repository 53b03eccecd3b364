// Purpose: whether a property can be the id of all nodes of some labels: there on each, one kind, unique.
// Params:  labels (LIST<STRING>), key (STRING)
// Returns: nodes, missing, distinct, types, repeated (examples of values that occur twice)
// Mode:    READ, managed transaction
MATCH (n:$any($labels))
WITH n[$key] AS value, count(*) AS nodes
RETURN
  coalesce(sum(nodes), 0) AS nodes,
  coalesce(sum(
      CASE
        WHEN value IS NULL THEN nodes
        ELSE 0
      END), 0) AS missing,
  count(value) AS distinct,
  collect(DISTINCT valueType(value)) AS types,
  collect(
    CASE
      WHEN value IS NOT NULL AND nodes > 1 THEN value
    END)[..3] AS repeated
