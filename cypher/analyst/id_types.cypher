// Purpose: whether this graph's ids are integers or strings.
// Params:  none
// Returns: userIdType, itemIdType
// Mode:    READ, managed transaction
// Theme:   Details
OPTIONAL MATCH (dataset:Dataset)
RETURN dataset.userIdType AS userIdType, dataset.itemIdType AS itemIdType
