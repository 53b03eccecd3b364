"""Training: the loop, batches, losses and learners."""
