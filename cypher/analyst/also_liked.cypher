// Purpose: what people who liked an item also liked: likings are ratings of at least the given one, or all interactions where there are no ratings.
//          similarity is the number of people who liked both, by the root of the product of the numbers of those who
//          liked each. Of the thousand items that most of them liked, those are shown that at least so many people liked, too.
//          askedId, asked and askedYear are the item that was meant: of several with one title that with most users.
// Params:  item (INTEGER|STRING), least (FLOAT, default 4.0), people (INTEGER, default 3), n (INTEGER, default 10)
// Returns: itemId, title, year, similarity, people, askedId, asked, askedYear
// Mode:    READ, managed transaction
// Theme:   Items
MATCH (m:Item)
WHERE m.itemId = $item OR m.title = $item OR m.name = $item
WITH *
ORDER BY m.itemId = $item DESC, COUNT { (m)<--(:User) } DESC, m.itemId
LIMIT 1
OPTIONAL MATCH (dataset:Dataset)
WITH m, coalesce(dataset.interactionType, 'RATED') AS interactionType
MATCH (m)<-[own:$(interactionType)]-(u:User)
WHERE coalesce(own.rating, $least) >= $least
WITH m, interactionType, collect(u) AS fans
UNWIND fans AS u
MATCH (u)-[rated:$(interactionType)]->(other:Item)
WHERE other <> m AND coalesce(rated.rating, $least) >= $least
WITH m, interactionType, size(fans) AS own, other, count(*) AS people
ORDER BY people DESC, other.itemId
LIMIT 1000
WHERE people >= $people
WITH
  m,
  own,
  other,
  people,
  COUNT {
  (other)<-[r:$(interactionType)]-()
  WHERE coalesce(r.rating, $least) >= $least
  } AS theirs
WITH m, other, people, people / sqrt(own * theirs) AS similarity
ORDER BY similarity DESC, other.itemId
LIMIT toInteger($n)
RETURN
  other.itemId AS itemId,
  coalesce(other.title, other.name, toString(other.itemId)) AS title,
  other.year AS year,
  similarity,
  people,
  m.itemId AS askedId,
  coalesce(m.title, m.name, toString(m.itemId)) AS asked,
  m.year AS askedYear
ORDER BY similarity DESC, itemId
