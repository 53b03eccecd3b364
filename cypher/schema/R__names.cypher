// Purpose: the names that queries use are known from the start, so that the server warns of none that no data has yet.
// Params:  none
// Returns: nothing
// Mode:    WRITE, managed transaction
UNWIND ['Dataset', 'User', 'Item', 'Entity', 'Run', 'Task'] AS label
CALL db.createLabel(label)
WITH count(*) AS labels
UNWIND ['RECOMMENDED', 'ATTENDED_TO', 'SIMILAR_TO', 'REFIT_OF'] AS type
CALL db.createRelationshipType(type)
WITH count(*) AS types
UNWIND [
  'userId',
  'itemId',
  'entityId',
  'name',
  'title',
  'year',
  'rating',
  'timestamp',
  'seq',
  'userIdType',
  'itemIdType',
  'interactionType',
  'leftOutTypes',
  'ratingScale',
  'activeRunId',
  'runId',
  'model',
  'task',
  'status',
  'slot',
  'createdAt',
  'protocol',
  'knowledge',
  'auditPassed',
  'label',
  'precisionAt10',
  'sumReciprocalRankAt10',
  'itemVectorIndex',
  'userVectorIndex',
  'itemVectorLength',
  'rank',
  'score',
  'predictedRating',
  'ratingRunId',
  'weight',
  'recency',
  'method',
  'evidenceIds',
  'evidenceContributions',
  'fallback'
] AS property
CALL db.createProperty(property)
