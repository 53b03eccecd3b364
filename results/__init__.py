"""Results of runs in the graph: writing them back, switching, removing, reading reasons."""
