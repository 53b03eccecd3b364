// Purpose: an entity has one node, found by its 'kind:id'.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE CONSTRAINT entity_id_unique IF NOT EXISTS
FOR (e:Entity)
REQUIRE e.entityId IS UNIQUE
