// Purpose: each user's interactions as parallel columns, users in the order of their ids, which
//          their constraint's index has; missing values become the given ones.
// Params:  types (LIST<STRING>), noRating (FLOAT), noTimestamp (INTEGER), noSeq (INTEGER)
// Returns: user, items, ratings, timestamps, seqs
// Mode:    READ, managed transaction
MATCH (user:User)
WHERE user.userId IS NOT NULL
WITH user
ORDER BY user.userId
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
ORDER BY user.userId
