// Purpose: the vector index of slot B over items, exact in its vectors (no quantization).
// Params:  dimension (INTEGER)
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE VECTOR INDEX item_vector_B IF NOT EXISTS
FOR (m:Item)
ON (m.vectorB)
OPTIONS {
  indexConfig: {
    `vector.dimensions`: $dimension,
    `vector.similarity_function`: 'cosine',
    `vector.quantization.enabled`: false
  }
}
