// Purpose: how many interactions users have.
// Params:  type (STRING)
// Returns: nodes, none (users without any), mean, least, low (25 %), median, high (75 %), top (95 %), most
// Mode:    READ, managed transaction
MATCH (n:User)
WITH COUNT { (n)-[:$($type)]->() } AS degree
RETURN
  count(degree) AS nodes,
  count(
    CASE
      WHEN degree = 0 THEN 1
    END) AS none,
  avg(degree) AS mean,
  min(degree) AS least,
  percentileDisc(degree, 0.25) AS low,
  percentileDisc(degree, 0.5) AS median,
  percentileDisc(degree, 0.75) AS high,
  percentileDisc(degree, 0.95) AS top,
  max(degree) AS most
