"""IMDb's official files with a file of user ratings, filtered as in the papers."""

from .source import Imdb

__all__ = ["Imdb"]
