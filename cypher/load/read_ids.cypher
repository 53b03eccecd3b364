// Purpose: the ids of all nodes of one role: User or Item.
// Params:  role (STRING)
// Returns: id
// Mode:    READ, managed transaction
MATCH (n:$any($role))
RETURN
  CASE $role
    WHEN 'User' THEN n.userId
    ELSE n.itemId
  END AS id
