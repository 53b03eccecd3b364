"""Search of a model's options by its figures on valid; test rows are never read."""
