// Purpose: each user's interactions as parallel columns, users in the order of their ids, which
//          their constraint's index has; missing values become the given ones.
// Params:  types (LIST<STRING>), noRating (FLOAT), noTimestamp (INTEGER), noSeq (INTEGER)
// Returns: user, items, ratings, timestamps, seqs
// Mode:    READ, managed transaction
MATCH (person:User)
WHERE person.userId IS NOT NULL
WITH person
ORDER BY person.userId
CALL (person) {
  MATCH (person)-[interaction:$any($types)]->(item:Item)
  RETURN
    collect(item.itemId) AS items,
    collect(coalesce(interaction.rating, $noRating)) AS ratings,
    collect(coalesce(interaction.timestamp, $noTimestamp)) AS timestamps,
    collect(coalesce(interaction.seq, $noSeq)) AS seqs
}
WITH *
WHERE size(items) > 0
RETURN person.userId AS user, items, ratings, timestamps, seqs
ORDER BY person.userId
