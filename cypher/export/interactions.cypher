// Purpose: each user's interactions as parallel columns; missing values become the given ones.
// Params:  types (LIST<STRING>), noRating (FLOAT), noTimestamp (INTEGER), noSeq (INTEGER)
// Returns: user, items, ratings, timestamps, seqs
// Mode:    READ, managed transaction
MATCH (user:User)
CALL (user) {
  MATCH (user)-[interaction:$any($types)]->(item:Item)
  RETURN
    collect(item.itemId) AS items,
    collect(coalesce(interaction.rating, $noRating)) AS ratings,
    collect(coalesce(interaction.timestamp, $noTimestamp)) AS timestamps,
    collect(coalesce(interaction.seq, $noSeq)) AS seqs
}
WITH *
WHERE size(items) > 0
RETURN user.userId AS user, items, ratings, timestamps, seqs
