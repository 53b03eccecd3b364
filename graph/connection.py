"""The one connection to Neo4j: driver life cycle, routing, retries, counters, errors."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import neo4j
import neo4j.exceptions
import pandas as pd

from .. import cypher
from ..errors import CypherError, DatabaseError, TimeLimitError
from .unreachable import check_uri, why_unreachable

if TYPE_CHECKING:
    from graphdatascience import GraphDataScience

T = TypeVar("T")

# errors reach the caller as exceptions; the driver's own lines would be shown beside them
logging.getLogger("neo4j").addHandler(logging.NullHandler())

_COUNTERS = (
    "nodes_created",
    "nodes_deleted",
    "relationships_created",
    "relationships_deleted",
    "properties_set",
    "labels_added",
    "labels_removed",
    "indexes_added",
    "indexes_removed",
    "constraints_added",
    "constraints_removed",
)


@dataclass
class Counters:
    """What statements changed in the graph; add up with ``+=``."""

    nodes_created: int = 0
    nodes_deleted: int = 0
    relationships_created: int = 0
    relationships_deleted: int = 0
    properties_set: int = 0
    labels_added: int = 0
    labels_removed: int = 0
    indexes_added: int = 0
    indexes_removed: int = 0
    constraints_added: int = 0
    constraints_removed: int = 0

    def __iadd__(self, other: Counters) -> Counters:
        for name in _COUNTERS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self

    def __str__(self) -> str:
        parts = [f"{getattr(self, n):,} {n.replace('_', ' ')}" for n in _COUNTERS]
        changed = [part for part in parts if not part.startswith("0 ")]
        return ", ".join(changed) or "nothing changed"

    def as_dict(self) -> dict[str, int]:
        return {name: getattr(self, name) for name in _COUNTERS}


@dataclass(frozen=True)
class Result:
    """Rows and counters of one finished statement; one that returns nothing has no columns.

    ``more`` says that rows were left out, by :meth:`Graph.read`.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    counters: Counters = field(default_factory=Counters)
    columns: tuple[str, ...] = ()
    more: bool = False

    def single(self) -> dict[str, Any] | None:
        """The first row, or None."""
        return self.rows[0] if self.rows else None

    def frame(self, columns: tuple[str, ...] | None = None) -> pd.DataFrame:
        return pd.DataFrame(self.rows, columns=list(columns) if columns else None)


class Transaction(Protocol):
    """Runs statements inside one open transaction."""

    def run(self, statement_id: str, **parameters: Any) -> Result: ...


class GraphLike(Protocol):
    """What the rest of the program needs of a database; a recording double has it too."""

    def run(self, statement_id: str, **parameters: Any) -> Result: ...

    def stream(self, statement_id: str, **parameters: Any) -> Iterator[dict[str, Any]]: ...

    def transact(self, work: Callable[[Transaction], T]) -> T: ...


class Graph:
    """A connection to one database of one server; use it as a context manager."""

    def __init__(self, uri: str, username: str, password: str, database: str = "neo4j") -> None:
        self.uri = uri
        self.username = username
        self._password = password
        self.database = database
        wrong = check_uri(uri)
        if wrong:
            raise DatabaseError(*wrong)
        try:
            self._driver = neo4j.GraphDatabase.driver(
                uri,
                auth=(username, password),
                user_agent="reelgraph",
                notifications_min_severity="OFF",
            )
        except (neo4j.exceptions.DriverError, ValueError) as error:
            raise DatabaseError(
                f"cannot use the URI {uri}: {error}",
                "A URI looks like bolt://localhost:7687 or neo4j+s://xxxx.databases.neo4j.io",
            ) from None

    def __enter__(self) -> Graph:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._driver.close()

    def verify(self) -> Graph:
        """Check that the server answers a query in this database with these credentials.

        :raises DatabaseError: when it does not; says which of the three is wrong.
        """
        with self._translated():
            self._driver.verify_connectivity()
            with self._session("READ") as session:
                session.run(cypher.load("server/ping").text).consume()
        return self

    def run(self, statement_id: str, **parameters: Any) -> Result:
        """Run a statement by id, routed and retried as its header says.

        :raises CypherError: for wrong parameters or a statement the server cannot run.
        :raises DatabaseError: when the server cannot be reached or refuses.
        """
        statement = cypher.load(statement_id)
        bound = statement.bind(parameters)
        with self._translated(statement_id), self._session(statement.mode) as session:
            if statement.auto_commit:
                return _collect(session.run(statement.text, bound))
            execute = session.execute_read if statement.mode == "READ" else session.execute_write
            return execute(lambda tx: _collect(tx.run(statement.text, bound)))

    def stream(self, statement_id: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        """Yield the rows of a READ statement as they arrive, in constant memory.

        It runs in one auto-commit transaction and is not retried.
        """
        statement = cypher.load(statement_id)
        if statement.mode != "READ":
            raise CypherError(f"{statement_id} writes, so it cannot be streamed")
        bound = statement.bind(parameters)
        with self._translated(statement_id), self._session("READ", fetch_size=500) as session:
            for record in session.run(statement.text, bound):
                # data() would copy long lists value by value
                yield dict(zip(record.keys(), record.values(), strict=True))

    def transact(self, work: Callable[[Transaction], T]) -> T:
        """Run ``work`` in one write transaction, retried as a whole on transient errors."""
        with self._translated(), self._session("WRITE") as session:
            return session.execute_write(lambda tx: work(_OpenTransaction(tx)))

    def run_text(self, text: str, write: bool = False, **parameters: Any) -> Result:
        """Run a user's own query text (``reelgraph neo4j shell``), auto-commit."""
        mode = "WRITE" if write else "READ"
        with self._translated(), self._session(mode) as session:
            return _collect(session.run(text, parameters))

    def read(
        self,
        text: str,
        values: Mapping[str, Any],
        *,
        seconds: float,
        most: int | None = None,
        name: str = "",
    ) -> Result:
        """The first ``most`` rows of a query, in one transaction that cannot write.

        :param name: what errors call the query, such as a statement's id.
        :raises CypherError: when it fails.
        :raises TimeLimitError: when it takes longer than ``seconds``.
        """
        with (
            self._translated(name),
            self._session("READ") as session,
            session.begin_transaction(timeout=seconds) as transaction,
        ):
            result = transaction.run(text, dict(values))
            if most is None:
                return _collect(result)
            columns = tuple(result.keys())
            rows = [record.data() for record in result.fetch(most + 1)]
            return Result(rows[:most], columns=columns, more=len(rows) > most)

    def explained(self, text: str, values: Mapping[str, Any]) -> tuple[str, list[str]]:
        """What a query would do, without running it: its type (``r`` where it only reads), and
        its plan's operators with their details.

        :raises CypherError: for text that the server cannot plan.
        """
        with self._translated(), self._session("READ") as session:
            summary = session.run(f"EXPLAIN {text}", dict(values)).consume()
        return summary.query_type or "", list(_operators(summary.plan or {}))

    def gds(self) -> GraphDataScience:
        """The Graph Data Science client on this connection.

        :raises GdsMissingError: when the server has no usable GDS.
        """
        from .gds import client

        return client(self._driver, self.database)

    def _session(self, mode: str, **options: Any) -> neo4j.Session:
        access = neo4j.READ_ACCESS if mode == "READ" else neo4j.WRITE_ACCESS
        return self._driver.session(
            database=self.database,
            default_access_mode=access,
            # one for all sessions: a cluster's readers see what this program wrote before
            bookmark_manager=self._driver.execute_query_bookmark_manager,
            **options,
        )

    def _translated(self, statement_id: str = "") -> _Translate:
        return _Translate(self, statement_id)


class _OpenTransaction:
    def __init__(self, transaction: neo4j.ManagedTransaction) -> None:
        self._transaction = transaction

    def run(self, statement_id: str, **parameters: Any) -> Result:
        statement = cypher.load(statement_id)
        bound = statement.bind(parameters)
        return _collect(self._transaction.run(statement.text, bound))


class _Translate:
    """Turn the driver's exceptions into errors that say what to do."""

    def __init__(self, graph: Graph, statement_id: str) -> None:
        self._graph = graph
        self._where = f"{statement_id}: " if statement_id else ""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        graph = self._graph
        if isinstance(error, neo4j.exceptions.AuthError):
            raise DatabaseError(
                f"{graph.uri} refuses the user name or password of '{graph.username}'",
                "Check NEO4J_USERNAME and NEO4J_PASSWORD; 'reelgraph doctor' shows "
                "where each setting comes from.",
            ) from None
        if isinstance(error, neo4j.exceptions.ServiceUnavailable):
            cause, advice = why_unreachable(error, graph.uri)
            raise DatabaseError(f"no Neo4j answers at {graph.uri}: {cause}", advice) from None
        if isinstance(error, ValueError) and "resolve" in str(error):  # a port that is not a number
            raise DatabaseError(
                f"cannot use the URI {graph.uri}: {error}", "Such as bolt://localhost:7687"
            ) from None
        if isinstance(error, neo4j.exceptions.ClientError):
            raise _client_error(error, graph, self._where) from None
        if isinstance(error, (neo4j.exceptions.Neo4jError, neo4j.exceptions.DriverError)):
            raise DatabaseError(f"{self._where}{error}") from error


def _client_error(
    error: neo4j.exceptions.ClientError, graph: Graph, where: str
) -> DatabaseError | CypherError:
    code = error.code or ""
    if "DatabaseNotFound" in code:
        return DatabaseError(
            f"there is no database '{graph.database}' at {graph.uri}", "Check NEO4J_DATABASE."
        )
    if "ReadOnly" in code:
        return DatabaseError(
            f"database '{graph.database}' at {graph.uri} is read-only, so nothing can be written",
            "Reading works. Allow writing on the server (server.databases.read_only, "
            "server.databases.default_to_read_only), or connect to another one (NEO4J_URI).",
        )
    if "Forbidden" in code or "Security" in code:
        return DatabaseError(
            f"{where}'{graph.username}' may not do this: {error.message}",
            "Use a user with write access.",
        )
    if "TransactionTimedOut" in code:
        return TimeLimitError(f"{where}it took too long and was stopped", "Ask for less.")
    return CypherError(f"{where}{error.message}")


def _operators(plan: Mapping[str, Any]) -> Iterator[str]:
    """``Operator details`` of each step, the last one first."""
    details = plan.get("args", {}).get("Details", "")
    yield f"{plan.get('operatorType', '').partition('@')[0]} {details}".strip()
    for child in plan.get("children", ()):
        yield from _operators(child)


def _collect(result: neo4j.Result) -> Result:
    columns = tuple(result.keys())
    rows = [record.data() for record in result]
    summary = result.consume().counters
    counters = Counters(**{name: getattr(summary, name) for name in _COUNTERS})
    return Result(rows, counters, columns)
