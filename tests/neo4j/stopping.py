"""A graph that ends at a given statement, as a program does that is killed."""

from __future__ import annotations

from typing import Any

from reelgraph.graph.connection import Graph


class Interrupted(Exception):
    """Stands for whatever ends the program."""


class Stopping(Graph):
    """Ends at a given statement, before or after the server has done it."""

    stop_at = -1
    after = False

    def arm(self, stop_at: int, after: bool = False) -> None:
        self.calls, self.stop_at, self.after = 0, stop_at, after

    def end(self) -> None:
        raise Interrupted

    def run(self, statement_id: str, **parameters: Any) -> Any:
        return self._counted(lambda: super(Stopping, self).run(statement_id, **parameters))

    def transact(self, work: Any) -> Any:
        return self._counted(lambda: super(Stopping, self).transact(work))

    def _counted(self, call: Any) -> Any:
        self.calls += 1
        stops = self.calls == self.stop_at
        if stops and not self.after:
            self.end()
        result = call()
        if stops:
            self.end()
        return result
