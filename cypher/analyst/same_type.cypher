// Purpose: items of the same type as one: those that have most of what is known in common with it (genres, people and so on), as a share of what either has.
// Params:  item (INTEGER|STRING), n (INTEGER, default 10)
// Returns: itemId, title, year, share, inCommon (names)
// Mode:    READ, managed transaction
MATCH (m:Item)
WHERE m.itemId = $item OR m.title = $item OR m.name = $item
MATCH (m)--(e:Entity)
WITH m, collect(DISTINCT e) AS known
UNWIND known AS e
MATCH (e)--(other:Item)
WHERE other <> m
WITH other, size(known) AS own, collect(DISTINCT e) AS both
WITH
  other,
  both,
  size(both) *
  1.0 /
  (own +
    COUNT {
      MATCH (other)--(x:Entity)
      RETURN DISTINCT x
    } -
    size(both)) AS share
ORDER BY share DESC, other.itemId
LIMIT toInteger($n)
RETURN
  other.itemId AS itemId,
  coalesce(other.title, other.name, toString(other.itemId)) AS title,
  other.year AS year,
  share,
  [e IN both WHERE e.name IS NOT NULL | e.name] AS inCommon
ORDER BY share DESC, itemId
