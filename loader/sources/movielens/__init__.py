"""MovieLens as GroupLens publishes it: 100K, 1M, 10M, and the CSV releases up to 32M."""

from .source import MovieLens

__all__ = ["MovieLens"]
