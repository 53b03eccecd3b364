// Purpose: the vector index of slot A over items, exact in its vectors (no quantization).
// Params:  dimension (INTEGER)
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE VECTOR INDEX item_vector_A IF NOT EXISTS
FOR (m:Item)
ON (m.vectorA)
OPTIONS {
  indexConfig: {
    `vector.dimensions`: $dimension,
    `vector.similarity_function`: 'cosine',
    `vector.quantization.enabled`: false
  }
}
