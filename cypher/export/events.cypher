// Purpose: how many relationships between items and entities are events, because they have a
//          timestamp.
// Params:  leftOut (LIST<STRING>)
// Returns: relation, events
// Mode:    READ, managed transaction
MATCH (:Item|Entity)-[event]->(:Item|Entity)
WHERE NOT type(event) IN $leftOut AND event.timestamp IS NOT NULL
RETURN type(event) AS relation, count(event) AS events
ORDER BY relation
