// Purpose: paths of 2 to 7 relationships from a user to an item, over interactions and knowledge that
//          are older than the user's event with the item (without one: than the user's next). Own
//          ratings are older by seq, others' by timestamp. The most recent history item comes
//          first, then the rarest connection. Even lengths need knowledge between items or between
//          entities; 5 and more are for small graphs; other lengths have no rows.
// Params:  userId (INTEGER|STRING), item (INTEGER|STRING), length (INTEGER, default 3),
//          limit (INTEGER, default 10)
// Returns: names, relations, degrees (sum of the connecting nodes' degrees before the event), path
// Mode:    READ, managed transaction
// Theme:   Details
OPTIONAL MATCH (dataset:Dataset)
WITH
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  coalesce(dataset.leftOutTypes, []) AS leftOutTypes
WITH
  interactionType,
  leftOutTypes + ['RECOMMENDED', 'ATTENDED_TO', 'SIMILAR_TO', interactionType] AS outside
MATCH (u:User {userId: $userId})
MATCH (i:Item)
WHERE i.itemId = $item OR i.title = $item OR i.name = $item
WITH *
ORDER BY i.itemId = $item DESC, COUNT { (i)<--(:User) } DESC, i.itemId
LIMIT 1
OPTIONAL MATCH (u)-[event:$(interactionType)]->(i)
CALL (u, interactionType) {
  MATCH (u)-[r:$(interactionType)]->(:Item)
  RETURN r.seq + 1 AS nextSeq, r.timestamp AS lastTime
  ORDER BY r.seq DESC
  LIMIT 1
}
WITH
  interactionType,
  outside,
  u,
  i,
  coalesce(event.seq, nextSeq) AS seq,
  CASE
    WHEN event IS NULL THEN lastTime
    ELSE event.timestamp
  END AS at
CALL (interactionType, outside, u, i, seq, at) {
  WITH *
  WHERE $length = 2
  MATCH
    path =
      (u)-[own:$(interactionType)]->
      (:Item)
      (()-[k]-
        ()
        WHERE
          (type(k) = interactionType AND k.timestamp < at) OR
          (NOT type(k) IN outside AND k.timestamp IS NULL)){1}
      (i)
  WHERE own.seq < seq
  RETURN path, own
    UNION
  WITH *
  WHERE $length = 3
  MATCH
    path =
      (u)-[own:$(interactionType)]->
      (:Item)
      (()-[k]-
        ()
        WHERE
          (type(k) = interactionType AND k.timestamp < at) OR
          (NOT type(k) IN outside AND k.timestamp IS NULL)){2}
      (i)
  WHERE own.seq < seq
  RETURN path, own
    UNION
  WITH *
  WHERE $length = 4
  MATCH
    path =
      (u)-[own:$(interactionType)]->
      (:Item)
      (()-[k]-
        ()
        WHERE
          (type(k) = interactionType AND k.timestamp < at) OR
          (NOT type(k) IN outside AND k.timestamp IS NULL)){3}
      (i)
  WHERE own.seq < seq
  RETURN path, own
    UNION
  WITH *
  WHERE $length = 5
  MATCH
    path =
      (u)-[own:$(interactionType)]->
      (:Item)
      (()-[k]-
        ()
        WHERE
          (type(k) = interactionType AND k.timestamp < at) OR
          (NOT type(k) IN outside AND k.timestamp IS NULL)){4}
      (i)
  WHERE own.seq < seq
  RETURN path, own
    UNION
  WITH *
  WHERE $length = 6
  MATCH
    path =
      (u)-[own:$(interactionType)]->
      (:Item)
      (()-[k]-
        ()
        WHERE
          (type(k) = interactionType AND k.timestamp < at) OR
          (NOT type(k) IN outside AND k.timestamp IS NULL)){5}
      (i)
  WHERE own.seq < seq
  RETURN path, own
    UNION
  WITH *
  WHERE $length = 7
  MATCH
    path =
      (u)-[own:$(interactionType)]->
      (:Item)
      (()-[k]-
        ()
        WHERE
          (type(k) = interactionType AND k.timestamp < at) OR
          (NOT type(k) IN outside AND k.timestamp IS NULL)){6}
      (i)
  WHERE own.seq < seq
  RETURN path, own
}
WITH
  interactionType,
  outside,
  at,
  own,
  nodes(path) AS nodes,
  [r IN relationships(path) | type(r)] AS relations,
  path
WHERE all(n IN nodes WHERE single(other IN nodes WHERE other = n))
WITH interactionType, outside, at, own, nodes, relations, path
ORDER BY relations
WITH
  interactionType,
  outside,
  at,
  own,
  nodes,
  collect(relations)[0] AS relations,
  collect(path)[0] AS path
// in this order, degrees are counted for the first rows only
ORDER BY own.seq DESC
CALL (interactionType, outside, nodes, at) {
  UNWIND nodes[2..-1] AS n
  RETURN
    sum(
      COUNT {
        MATCH (n)-[k]-(other)
        WHERE
          (type(k) = interactionType AND k.timestamp < at) OR
          (NOT type(k) IN outside AND k.timestamp IS NULL)
        RETURN DISTINCT other
      }) AS degrees
}
WITH
  own,
  nodes,
  relations,
  degrees,
  path,
  [
    n IN nodes[2..]
    | CASE
      WHEN n:Item THEN [0, n.itemId]
      WHEN n:Entity THEN [1, n.entityId]
      ELSE [2, n.userId]
    END
  ] AS ids
RETURN
  [
    n IN nodes
    | coalesce(
      n.title,
      n.name,
      'User ' + toString(n.userId),
      toString(n.itemId),
      n.entityId
    )
  ] AS names,
  relations,
  degrees,
  path
ORDER BY own.seq DESC, degrees, ids
LIMIT toInteger($limit)
