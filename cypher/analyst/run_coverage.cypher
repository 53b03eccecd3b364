// Purpose: how much of the catalogue the first n recommendations of the active run reach, and how popular what they show is.
//          Popularity is the mean number of interactions of an item; topTenth is the share of the tenth of the items with most of them.
//          audit is LEAKS where the run, or the one it was fitted from, failed its audit or has a protocol that leaks.
// Params:  n (INTEGER, default 10)
// Returns: runId, users, recommendations, items, catalogue, coverage, popularity, historyPopularity, topTenth, historyTopTenth, audit
// Mode:    READ, managed transaction
// Theme:   Runs
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (run)-[:REFIT_OF]->(parent:Run)
WITH
  run,
  CASE
    WHEN run.label STARTS WITH 'LEAKS' THEN 'LEAKS'
    WHEN false IN [run.auditPassed, parent.auditPassed] THEN 'LEAKS'
    WHEN true IN [run.auditPassed, parent.auditPassed] THEN 'passed'
    ELSE 'not audited'
  END AS audit
OPTIONAL MATCH (dataset:Dataset)
WITH run, audit, coalesce(dataset.interactionType, 'RATED') AS interactionType
CALL (run, interactionType) {
  MATCH (m:Item)
  WITH
    m,
    COUNT { (m)<-[:$(interactionType)]-() } AS uses,
    COUNT {
    (m)<-[r:RECOMMENDED]-()
    WHERE r.runId = run.runId AND r.rank <= $n
    } AS shown
  ORDER BY uses DESC, m.itemId
  WITH collect({uses: uses, shown: shown}) AS rows
  WITH rows, rows[..toInteger(ceil(size(rows) / 10.0))] AS top
  RETURN
    size(rows) AS catalogue,
    size([row IN rows WHERE row.shown > 0]) AS items,
    reduce(sum = 0.0, row IN rows | sum + row.shown) AS recommendations,
    reduce(sum = 0.0, row IN rows | sum + row.uses) AS interactions,
    reduce(sum = 0.0, row IN rows | sum + row.shown * row.uses) AS ofShown,
    reduce(sum = 0.0, row IN rows | sum + row.uses * row.uses) AS ofUsed,
    reduce(sum = 0.0, row IN top | sum + row.shown) AS topShown,
    reduce(sum = 0.0, row IN top | sum + row.uses) AS topUsed
}
WITH *
WHERE recommendations > 0 AND interactions > 0
RETURN
  run.runId AS runId,
  COUNT {
    MATCH (u:User)
    WHERE EXISTS { (u)-[r:RECOMMENDED {runId: run.runId}]->(:Item) }
  } AS users,
  toInteger(recommendations) AS recommendations,
  items,
  catalogue,
  items * 1.0 / catalogue AS coverage,
  ofShown / recommendations AS popularity,
  ofUsed / interactions AS historyPopularity,
  topShown / recommendations AS topTenth,
  topUsed / interactions AS historyTopTenth,
  audit
