// Purpose: the interactions of some users as parallel columns, in the order of seq; missing values are null.
// Params:  users (LIST), type (STRING)
// Returns: user, items, ratings, timestamps, seqs
// Mode:    READ, managed transaction
UNWIND $users AS id
MATCH (u:User {userId: id})
CALL (u) {
  MATCH (u)-[interaction:$($type)]->(item:Item)
  WITH item, interaction
  ORDER BY interaction.seq, item.itemId
  WITH
    collect({
      item: item.itemId,
      rating: interaction.rating,
      timestamp: interaction.timestamp,
      seq: interaction.seq
    }) AS events
  RETURN
    [event IN events | event.item] AS items,
    [event IN events | event.rating] AS ratings,
    [event IN events | event.timestamp] AS timestamps,
    [event IN events | event.seq] AS seqs
}
RETURN id AS user, items, ratings, timestamps, seqs
