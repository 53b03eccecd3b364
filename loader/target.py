"""The database that a load is to write to: whether it may, and what is deleted first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..errors import DatabaseError, InputError
from ..graph.connection import Counters, GraphLike
from ..graph.unfinished import GraphWork
from .emptying import EVERYTHING, check_replaceable, empty_locked, replaced
from .engine.constraints import check_constraints
from .engine.database import check_database
from .engine.prepare import Prepared
from .source import CanonicalTables


@dataclass
class Target:
    """The database that is to be written to; of a dry run it remembers what speaks against it."""

    graph: GraphLike
    tables: CanonicalTables
    into_new: bool
    everything: bool
    dry_run: bool
    refused: str | None = None

    def check(self) -> dict[str, Any]:
        """What the tables have to fit."""
        with self._told():
            if not self.into_new:
                return check_database(self.graph, self.tables)
            check_replaceable(self.graph, self.tables, self.everything)
        return {}

    def check_types(self, ready: Prepared, found: dict[str, Any]) -> None:
        with self._told():
            ready.check(found)
            if not self.everything:
                check_constraints(self.graph, ready)

    def replaces(self) -> str | None:
        """What an emptying would delete, in words."""
        return replaced(self.graph, self.everything) if self.into_new else None

    def empty(self, owner: str, work: GraphWork, progress: bool) -> Counters:
        flags = f" --into-new{f' {EVERYTHING}' if self.everything else ''}"
        emptying = GraphWork(work.key, work.command + flags)
        return empty_locked(self.graph, owner, emptying, self.everything, progress)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (InputError, DatabaseError) as error:
            if not self.dry_run:
                raise
            self.refused = self.refused or str(error)
