// Purpose: how often each rating was given, and when first and last.
// Params:  type (STRING)
// Returns: rating (null where there is none), interactions, timed (of these, that have a timestamp), first, last
// Mode:    READ, managed transaction
MATCH (:User)-[r:$($type)]->(:Item)
RETURN
  r.rating AS rating,
  count(*) AS interactions,
  count(r.timestamp) AS timed,
  min(r.timestamp) AS first,
  max(r.timestamp) AS last
ORDER BY rating
