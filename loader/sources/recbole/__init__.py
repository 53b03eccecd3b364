"""RecBole's atomic files, of any data set."""

from .source import RecBole

__all__ = ["RecBole"]
