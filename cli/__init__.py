"""The command line: one file per group of commands."""

from .root import main

__all__ = ["main"]
