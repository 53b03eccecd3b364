// Purpose: how a user's taste moves: the history in equal parts, oldest first, with its mean rating, mean year and most frequent names:
//          of genres, or of whatever else has the label, such as Person with the type DIRECTED for directors.
// Params:  userId (INTEGER|STRING), label (STRING, default 'Genre'), type (STRING, default null), parts (INTEGER, default 4)
// Returns: part, items, firstSeq, lastSeq, rating, year, names (the three most frequent ones)
// Mode:    READ, managed transaction
// Theme:   Users
MATCH (u:User {userId: $userId})
OPTIONAL MATCH (dataset:Dataset)
WITH u, coalesce(dataset.interactionType, 'RATED') AS interactionType
MATCH (u)-[rated:$(interactionType)]->(m:Item)
WITH rated, m
ORDER BY rated.seq
WITH collect({rated: rated, item: m}) AS history
UNWIND range(0, size(history) - 1) AS i
WITH
  i * toInteger($parts) / size(history) + 1 AS part,
  history[i].rated AS rated,
  history[i].item AS m
WITH
  part,
  count(*) AS items,
  min(rated.seq) AS firstSeq,
  max(rated.seq) AS lastSeq,
  avg(rated.rating) AS rating,
  avg(m.year) AS year,
  collect(m) AS found
CALL (found) {
  UNWIND found AS m
  MATCH (m)-[r]-(e:Entity)
  WHERE
    $label IN labels(e) AND
    ($type IS NULL OR type(r) = $type) AND
    e.name IS NOT NULL
  WITH e.name AS name, count(DISTINCT m) AS uses
  ORDER BY uses DESC, name
  LIMIT 3
  RETURN collect(name) AS names
}
RETURN part, items, firstSeq, lastSeq, rating, year, names
ORDER BY part
