"""Explainers: what of a history a score rests on, told in several ways."""
