"""A graph that can only be read, each time within a time limit."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from .. import cypher
from ..errors import CypherError
from .connection import Graph, Result, Transaction

T = TypeVar("T")


class Reader:
    """Reads through a connection that is made by the first read, so that a server that is down
    is an error of a call and not of the start."""

    def __init__(self, connect: Callable[[], Graph], seconds: float) -> None:
        self._connect = connect
        self._seconds = seconds
        self._graph: Graph | None = None
        self._lock = threading.Lock()

    @property
    def graph(self) -> Graph:
        """:raises DatabaseError: when no server answers; the next call tries again."""
        with self._lock:
            if self._graph is None:
                self._graph = self._connect()
            return self._graph

    def close(self) -> None:
        if self._graph is not None:
            self._graph.close()

    def run(self, statement_id: str, **parameters: Any) -> Result:
        """All rows of a statement that reads.

        :raises CypherError: for one that writes, or wrong parameters.
        :raises TimeLimitError: when the time is over; names the statement.
        """
        return self.rows(cypher.load(statement_id), parameters)

    def rows(
        self, statement: cypher.Statement, values: Mapping[str, Any], most: int | None = None
    ) -> Result:
        """The first ``most`` rows of a statement; ``more`` says whether there are others."""
        if statement.mode != "READ":
            raise CypherError(f"{statement.id} writes, and only reading is allowed here")
        return self.read(statement.text, statement.bind(values), most, statement.id)

    def read(
        self, text: str, values: Mapping[str, Any], most: int | None = None, name: str = ""
    ) -> Result:
        """The same of any query text; ``name`` is what errors call it."""
        return self.graph.read(text, values, seconds=self._seconds, most=most, name=name)

    def stream(self, statement_id: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        yield from self.run(statement_id, **parameters).rows

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """:raises CypherError: always: it is a write transaction."""
        raise CypherError("only reading is allowed here")
