"""The sources, one folder each."""
