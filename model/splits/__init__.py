"""Splits: protocols, their parameters, and the files they make."""
