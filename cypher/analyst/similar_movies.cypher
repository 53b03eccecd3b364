// Purpose: the items nearest to one in the graph, n of each method that the active run's similarity jobs used.
//          askedId, asked and askedYear are the item that was meant: of several with one title that with most users.
// Params:  item (INTEGER|STRING), n (INTEGER, default 10)
// Returns: itemId, title, year, score, method, askedId, asked, askedYear
// Mode:    READ, managed transaction
// Theme:   Items
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
MATCH (m:Item)
WHERE m.itemId = $item OR m.title = $item OR m.name = $item
WITH *
ORDER BY m.itemId = $item DESC, COUNT { (m)<--(:User) } DESC, m.itemId
LIMIT 1
MATCH (m)-[s:SIMILAR_TO {runId: run.runId}]-(other:Item)
WITH m, s.method AS method, s.score AS score, other
ORDER BY score DESC, other.itemId
WITH m, method, collect({item: other, score: score})[0..toInteger($n)] AS found
UNWIND found AS one
RETURN
  one.item.itemId AS itemId,
  coalesce(one.item.title, one.item.name, toString(one.item.itemId)) AS title,
  one.item.year AS year,
  one.score AS score,
  method,
  m.itemId AS askedId,
  coalesce(m.title, m.name, toString(m.itemId)) AS asked,
  m.year AS askedYear
ORDER BY method, score DESC, itemId
