// Purpose: remember on the data set which properties of nodes are a graph job's, unless somebody
//          else has them on users or items already; taken names those, and then nothing is claimed.
// Params:  names (LIST<STRING>)
// Returns: taken
// Mode:    WRITE, managed transaction
MATCH (d:Dataset)
WITH
  d,
  [name IN $names WHERE NOT name IN coalesce(d.jobProperties, [])] AS fresh
WITH
  d,
  fresh,
  [
    name IN fresh
    WHERE
      EXISTS {
        MATCH (n:User|Item)
        WHERE n[name] IS NOT NULL
      }
  ] AS taken
SET
  d.jobProperties =
    coalesce(d.jobProperties, []) +
    CASE
      WHEN size(taken) = 0 THEN fresh
      ELSE []
    END
RETURN taken
