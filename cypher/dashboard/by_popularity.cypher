// Purpose: which share of all interactions and of all places in top tens falls to items of each popularity, from the least to the most popular fifth.
// Params:  none
// Returns: popularity, share, value
// Mode:    READ, managed transaction
MATCH (t:Task {name: 'ranking'})
WITH t.activeRunId AS activeRunId
LIMIT 1
MATCH (run:Run {runId: activeRunId})
OPTIONAL MATCH (dataset:Dataset)
WITH run, coalesce(dataset.interactionType, 'RATED') AS interactionType
MATCH (m:Item)
CALL (m, run, interactionType) {
  MATCH (m)<-[had]-(:User)
  RETURN
    sum(
      CASE
        WHEN type(had) = interactionType THEN 1
        ELSE 0
      END) AS interactions,
    sum(
      CASE
        WHEN
          type(had) = 'RECOMMENDED' AND had.runId = run.runId AND had.rank <= 10
          THEN 1
        ELSE 0
      END) AS places
}
WITH m, interactions, places
ORDER BY interactions, m.itemId
WITH collect({interactions: interactions, places: places}) AS items
WITH
  items,
  reduce(sum = 0, one IN items | sum + one.interactions) AS interactions,
  reduce(sum = 0, one IN items | sum + one.places) AS places
WHERE interactions > 0 AND places > 0
UNWIND range(0, 4) AS fifth
WITH
  fifth,
  interactions,
  places,
  items[size(items) * fifth / 5..size(items) * (fifth + 1) / 5] AS part
UNWIND [
  {
    share: 'of interactions',
    value:
      1.0 * reduce(sum = 0, one IN part | sum + one.interactions) / interactions
  },
  {
    share: 'of recommendations',
    value: 1.0 * reduce(sum = 0, one IN part | sum + one.places) / places
  }
] AS row
RETURN
  ['least popular', 'second', 'third', 'fourth', 'most popular'][fifth] AS popularity,
  row.share AS share,
  row.value AS value
