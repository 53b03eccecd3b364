"""Evaluation: what is asked, the metrics, and their intervals."""
