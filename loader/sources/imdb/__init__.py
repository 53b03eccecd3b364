"""IMDb's official files with a file of user ratings, filtered by the rules of [KG-LSTM]."""

from .source import Imdb

__all__ = ["Imdb"]
