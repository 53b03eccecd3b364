"""Who directed, wrote and acted in the movies of MovieLens, by name."""

from .source import Credits

__all__ = ["Credits"]
