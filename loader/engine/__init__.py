"""Canonical tables into the graph: exactly once, in constant memory."""
