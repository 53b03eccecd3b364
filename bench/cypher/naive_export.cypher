// Purpose: interactions row by row, as one would read them first.
// Params:  none
// Returns: user, item, rating, timestamp, seq
// Mode:    READ, managed transaction
MATCH (u:User)-[r:RATED]->(i:Item)
RETURN
  u.userId AS user,
  i.itemId AS item,
  r.rating AS rating,
  r.timestamp AS timestamp,
  r.seq AS seq
ORDER BY user, seq
