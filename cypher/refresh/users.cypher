// Purpose: how many interactions each user has, and how many of them the state in a slot was made from.
// Params:  type (STRING), slot (STRING)
// Returns: user, events, read (null without a state)
// Mode:    READ, managed transaction
MATCH (u:User)
RETURN
  u.userId AS user,
  COUNT { (u)-[:$($type)]->(:Item) } AS events,
  u['historyLength' + $slot] AS read
