// Purpose: the items that have most in common with one: people, genres and whatever else the graph knows, unless most items have it.
//          What few items have counts more: an entity weighs 1 / ln(1 + its relationships). share is the weight of what both have, by
//          that of what either has. inCommon are the names, the rarest first; what has no name counts, too.
// Params:  item (INTEGER|STRING), n (INTEGER, default 10)
// Returns: itemId, title, year, share, inCommon
// Mode:    READ, managed transaction
// Theme:   Items
OPTIONAL MATCH (dataset:Dataset)
WITH
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  coalesce(dataset.leftOutTypes, []) AS leftOutTypes
CALL
  db.relationshipTypes(
  )
  YIELD relationshipType
  WHERE
    NOT relationshipType IN [
      'RECOMMENDED',
      'ATTENDED_TO',
      'SIMILAR_TO',
      'REFIT_OF'
    ] AND
    relationshipType <> interactionType AND
    NOT relationshipType IN leftOutTypes
WITH collect(relationshipType) AS knowledge
WITH knowledge, COUNT { (:Item) } AS items
MATCH (m:Item)
WHERE m.itemId = $item OR m.title = $item OR m.name = $item
WITH *
ORDER BY m.itemId = $item DESC, COUNT { (m)<--(:User) } DESC, m.itemId
LIMIT 1
CALL (m, knowledge, items) {
  MATCH (m)-[one:$any(knowledge)]-(e:Entity)
  WHERE one.timestamp IS NULL AND 2 * COUNT { (e)--() } <= items
  WITH DISTINCT e, 1 / log(1 + COUNT { (e)--() }) AS weight
  RETURN collect({node: e, weight: weight}) AS known, sum(weight) AS own
}
UNWIND known AS row
WITH m, knowledge, items, own, row.node AS e, row.weight AS weight
MATCH (e)-[other:$any(knowledge)]-(h:Item)
WHERE h <> m AND other.timestamp IS NULL
WITH DISTINCT knowledge, items, own, e, weight, h
ORDER BY weight DESC, e.entityId
WITH knowledge, items, own, h, sum(weight) AS both, collect(e.name) AS inCommon
ORDER BY both DESC, h.itemId
LIMIT 500
CALL (h, knowledge, items) {
  MATCH (h)-[one:$any(knowledge)]-(e:Entity)
  WHERE one.timestamp IS NULL AND 2 * COUNT { (e)--() } <= items
  WITH DISTINCT e
  RETURN sum(1 / log(1 + COUNT { (e)--() })) AS theirs
}
WITH h, inCommon, both / (own + theirs - both) AS share
ORDER BY share DESC, h.itemId
LIMIT toInteger($n)
RETURN
  h.itemId AS itemId,
  coalesce(h.title, h.name, toString(h.itemId)) AS title,
  h.year AS year,
  share,
  inCommon
ORDER BY share DESC, itemId
