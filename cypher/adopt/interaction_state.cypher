// Purpose: how many interactions there are, pairs of a user and an item with more than one, and how many lie elsewhere.
// Params:  type (STRING), users (LIST<STRING>), items (LIST<STRING>), key (STRING)
// Returns: interactions, repeated, users (examples of keys), reversed, all
// Mode:    READ, managed transaction
CALL () {
  MATCH (u:$any($users))
  CALL (u) {
    MATCH (u)-[r:$($type)]->(i:$any($items))
    RETURN count(r) AS rows, count(DISTINCT i) AS items
  }
  RETURN
    coalesce(sum(rows), 0) AS interactions,
    coalesce(sum(rows - items), 0) AS repeated,
    collect(
      CASE
        WHEN rows > items THEN u[$key]
      END)[..3] AS users
}
RETURN
  interactions,
  repeated,
  users,
  COUNT { (:$any($items))-[:$($type)]->(:$any($users)) } AS reversed,
  COUNT { ()-[:$($type)]->() } AS all
