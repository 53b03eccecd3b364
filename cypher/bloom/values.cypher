// Purpose: values with which phrases and actions are tried: a user with recommendations, their first items and what is known about these.
// Params:  user (INTEGER|STRING)
// Returns: item, other, entity, year, n, nodes, relationships
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
OPTIONAL MATCH (dataset:Dataset)
WITH activeRunId, coalesce(dataset.leftOutTypes, []) AS leftOutTypes
MATCH (u:User {userId: $user})-[r:RECOMMENDED {runId: activeRunId}]->(m:Item)
WITH leftOutTypes, u, r, m
ORDER BY r.rank
WITH
  leftOutTypes,
  u,
  collect(m) AS items,
  collect(elementId(r)) AS relationships
WITH leftOutTypes, u, items, head(items) AS first, relationships
CALL (first, leftOutTypes) {
  OPTIONAL MATCH (first)-[one]-(e:Entity)-[two]-(second:Item)
  WHERE
    second <> first AND
    NOT type(one) IN leftOutTypes AND
    NOT type(two) IN leftOutTypes
  WITH e, second, COUNT { (e)--() } AS uses, COUNT { (:Item) } AS catalogue
  RETURN e, second
  ORDER BY 2 * uses <= catalogue DESC, uses DESC, second.itemId
  LIMIT 1
}
RETURN
  coalesce(first.title, first.name, first.itemId) AS item,
  coalesce(second.title, second.name, second.itemId) AS other,
  coalesce(e.name, e.title, e.entityId) AS entity,
  first.year AS year,
  5 AS n,
  [elementId(u)] +
  [one IN [first, second] WHERE one IS NOT NULL | elementId(one)] AS nodes,
  relationships
