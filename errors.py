"""Errors that a user can act on.

Every error raised on purpose derives from :class:`ReelgraphError`: it says what
is wrong and where, and ``hint`` says what to do about it. The command line shows
both without a traceback and exits with ``exit_code``.
"""

from __future__ import annotations


class ReelgraphError(Exception):
    """Base class: ``message`` says what and where, ``hint`` says what to do next."""

    exit_code = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


class SettingsError(ReelgraphError):
    """A setting is missing, malformed or contradicts another one."""

    exit_code = 2


class InputError(ReelgraphError):
    """An input file or argument cannot be used; names file, line and column where known."""

    exit_code = 2


class ServerError(ReelgraphError):
    """The local Neo4j server cannot be installed, started, stopped or read."""

    exit_code = 3


class DatabaseError(ReelgraphError):
    """The database cannot be reached, refuses a login or fails a statement."""

    exit_code = 3


class GdsMissingError(DatabaseError):
    """The database has no usable Graph Data Science library."""


class CypherError(ReelgraphError):
    """A Cypher file is malformed, or a statement is called with wrong parameters."""


class TimeLimitError(CypherError):
    """A query took longer than it may, and was stopped."""


class ArtifactError(ReelgraphError):
    """A data set or run folder is missing, half-written or does not fit."""


class ModelError(ReelgraphError):
    """A model cannot be configured, trained, saved, loaded or queried as asked."""


class MemoryNeedError(ModelError):
    """A model needs more memory than there is, or ran out of it."""


class PluginError(ReelgraphError):
    """A plugin cannot be imported or registers something unusable."""


class Stopped(KeyboardInterrupt):
    """The process was asked to end (SIGTERM), and its work is where it can go on.

    Like Ctrl-C it is no error of one part, so it passes everything that catches those. Its text
    says how to go on.
    """

    exit_code = 143  # 128 + SIGTERM, as a shell reports it
