// Purpose: the vector index of slot A over users, exact in its vectors (no quantization).
// Params:  dimension (INTEGER)
// Returns: nothing
// Mode:    WRITE, managed transaction
CREATE VECTOR INDEX user_vector_A IF NOT EXISTS
FOR (u:User)
ON (u.vectorA)
OPTIONS {
  indexConfig: {
    `vector.dimensions`: $dimension,
    `vector.similarity_function`: 'cosine',
    `vector.quantization.enabled`: false
  }
}
