// Purpose: what pairs of items share: people, genres and whatever else has a name, unless most items share it; the rarest first.
//          An index answers with the number that it was asked for, so floats become integers first.
// Params:  pairs (LIST<LIST>)
// Returns: itemId, otherId, shared (list of name, here, there)
// Mode:    READ, managed transaction
// Theme:   Details
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
UNWIND $pairs AS asked
WITH
  knowledge,
  items,
  [id IN asked | CASE
      WHEN id IS :: FLOAT THEN toInteger(id)
      ELSE id
    END] AS pair
MATCH (m:Item {itemId: pair[0]})
MATCH (h:Item {itemId: pair[1]})
CALL (m, h, knowledge, items) {
  CALL (m, h, knowledge, items) {
    MATCH (m)-[one:$any(knowledge)]-(e:Entity)-[other:$any(knowledge)]-(h)
    WHERE
      2 * COUNT { (e)--() } <= items AND
      coalesce(e.name, e.title) IS NOT NULL AND
      one.timestamp IS NULL AND
      other.timestamp IS NULL
    RETURN
      coalesce(e.name, e.title) AS name,
      type(one) AS here,
      type(other) AS there,
      COUNT { (e)--() } AS uses
      UNION
    MATCH (m)-[direct:$any(knowledge)]-(h)
    WHERE direct.timestamp IS NULL
    RETURN null AS name, type(direct) AS here, null AS there, 0 AS uses
  }
  WITH name, here, there, uses
  ORDER BY uses, name
  RETURN collect({name: name, here: here, there: there}) AS shared
}
RETURN m.itemId AS itemId, h.itemId AS otherId, shared
