"""Several models on the same data: cells (model, seed), each in a process of its own."""
