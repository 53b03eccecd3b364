"""The command line: one file a group of commands."""

from .root import main

__all__ = ["main"]
