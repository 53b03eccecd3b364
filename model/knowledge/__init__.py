"""Knowledge-graph embeddings: vectors of items, entities and relations from triples alone."""
