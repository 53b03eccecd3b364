"""MovieLens 100K with its Freebase knowledge graph."""

from .source import MovieLens100K

__all__ = ["MovieLens100K"]
