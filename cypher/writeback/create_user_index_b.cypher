// Purpose: the vector index of slot B over users, exact in its vectors (no quantization).
// Params:  dimension (INTEGER)
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE VECTOR INDEX user_vector_B IF NOT EXISTS
FOR (u:User)
ON (u.vectorB)
OPTIONS {
  indexConfig: {
    `vector.dimensions`: $dimension,
    `vector.similarity_function`: 'cosine',
    `vector.quantization.enabled`: false
  }
}
