"""The first load of an empty database, by ``neo4j-admin database import``.

It makes the graph that :func:`reelgraph.loader.load.load` makes, ledgers included, so that
a plain load of the same files afterwards finds everything done. The import goes to a
database beside the graph, which takes its place when it is complete: killed at any point,
it leaves the graph that was there.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ..errors import InputError
from ..graph.local.imports import BESIDE, import_graph
from ..graph.unfinished import GraphWork, end, mark, unfinished
from .emptying import check_deletable
from .engine.digests import Hashes
from .engine.edges import EdgeWriter
from .engine.import_files import ImportFiles
from .engine.lock import load_lock
from .engine.prepare import Prepared, prepared
from .engine.records import NO_TIME, Histories
from .engine.validate import check_tables
from .load import default_work, ledger_name, node_tables, wanted
from .reading.rejects import Rejects
from .source import CanonicalTables, EdgeType

if TYPE_CHECKING:
    from ..graph.connection import GraphLike
    from ..graph.local.server import LocalServer

_KEYS_AN_ENTRY = 1_000
_COLUMNS = {"users": "User", "items": "Item", "entities": "Entity"}


@dataclass
class BulkReport:
    """What was read and imported; ``seconds`` for read, files, import, stop, start and schema.

    ``rows``, ``funnel``, ``rejected`` and ``rejected_file`` are those of a load by driver.
    """

    dataset: str
    rows: dict[str, int]
    funnel: list[dict[str, Any]] = field(default_factory=list)
    rejected: dict[str, int] = field(default_factory=dict)
    rejected_file: str | None = None
    ratings: int = 0
    nodes: int = 0
    relationships: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def server_seconds(self) -> float:
        """Stopping and starting the server."""
        return self.seconds.get("stop", 0.0) + self.seconds.get("start", 0.0)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

    def __str__(self) -> str:
        """One line: what was imported and how fast."""
        own = sum(self.seconds.values()) - self.server_seconds
        parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in self.seconds.items())
        return (
            f"{self.dataset}: {self.nodes:,} nodes and {self.relationships:,} relationships in "
            f"{own:.1f} s, and {self.server_seconds:.1f} s for the server's stop and start "
            f"({parts})"
        )


def load_bulk(
    server: LocalServer,
    tables: CanonicalTables,
    *,
    rejects: Rejects | None = None,
    into_new: bool = False,
    everything: bool = False,
    work: GraphWork | None = None,
) -> BulkReport:
    """Import a source's tables into the local server, which is stopped meanwhile.

    :param into_new: replace the data set that the database holds; ask before.
    :param everything: with ``into_new``, replace whatever it holds.
    :param work: what the graph remembers until its constraints are there, too.
    :raises InputError: when the database is not empty, or with ``into_new`` holds what
        reelgraph did not make, rows are bad, or a value does not fit into the files; the
        graph stays as it was.
    :raises ServerError: when the server or the admin tool fails; the graph stays, too.
    """
    server.up()
    with server.graph() as graph:
        check_before(graph, into_new, everything)
    with tempfile.TemporaryDirectory(prefix="reelgraph-") as folder:
        work = work or default_work(tables)
        files, report = write_files(tables, Path(folder), rejects=rejects, work=work)
        with server.graph() as graph:  # again: writing the files takes minutes
            check_before(graph, into_new, everything)
        report.seconds |= import_graph(
            server, files.arguments(BESIDE, overwrite=True), files.folder
        )
    with server.graph() as graph:
        started = time.perf_counter()
        with load_lock(graph) as owner:  # applies the migrations
            end(graph, owner, work)
        report.seconds["schema"] = time.perf_counter() - started
    return report


def check_before(graph: GraphLike, into_new: bool, everything: bool = False) -> int:
    """How many nodes the import would replace; it takes constraints and indexes with them.

    :raises InputError: without ``into_new`` when there are any; without ``everything`` when
        there is what reelgraph did not make.
    :raises DatabaseError: while a loader writes to the graph.
    """
    for one in unfinished(graph):
        if one.process:
            raise one.error()
    nodes: int = (graph.run("load/count_foreign").single() or {})["nodes"]
    if nodes and not into_new:
        raise InputError(
            f"the database holds {nodes:,} nodes, and --bulk only makes a first load",
            "Load without --bulk, which adds and updates; or with --into-new, which replaces "
            "the data set that is there.",
        )
    check_deletable(graph, everything, schema=True)
    return nodes


def write_files(
    tables: CanonicalTables,
    folder: Path,
    *,
    rejects: Rejects | None = None,
    work: GraphWork | None = None,
) -> tuple[ImportFiles, BulkReport]:
    """Read and check everything, and write the files for the admin tool into ``folder``.

    For a server of one's own: ``files.arguments("neo4j")`` are the arguments of
    ``neo4j-admin``, to be run in ``folder`` with the server stopped; after its start a plain
    load adds the constraints. Until then the graph says that it is half loaded.

    :raises InputError: see :func:`load_bulk`.
    """
    if tables.joins is not None or tables.items is None:
        raise InputError(
            f"{tables.source} adds to a data set, and --bulk only makes a first load",
            "Load it without --bulk.",
        )
    started = time.perf_counter()
    rejects = rejects or Rejects()
    check_tables(tables)
    with prepared(None, tables, {}) as ready:
        ready.read(rejects)
        report = BulkReport(
            ready.space,
            ready.rows(),
            funnel=list(tables.funnel),
            rejected=dict(rejects.counts),
            rejected_file=rejects.listed_in,
            ratings=ready.spool.rows,
        )
        report.seconds["read"] = time.perf_counter() - started
        files = _Files(ready, ImportFiles(folder), work or default_work(tables)).write()
    report.nodes, report.relationships = files.nodes, files.relationships
    report.seconds["files"] = time.perf_counter() - started - report.seconds["read"]
    return files, report


@dataclass
class _Files:
    """Writes one load; ``places`` has the ids of each role and the number of its first node."""

    ready: Prepared
    files: ImportFiles
    work: GraphWork
    places: dict[str, tuple[pd.Index[Any], int]] = field(default_factory=dict)
    ledgers: list[pd.DataFrame] = field(default_factory=list)

    def write(self) -> ImportFiles:
        label = self.ready.tables.schema.item_label
        for table in node_tables(self.ready):
            frame, digests = table.ordered()
            role = _COLUMNS[table.what]
            self.places[role] = (pd.Index(frame[table.key]), self.files.nodes)
            labels = [role, label] if role == "Item" else [role]
            if len(frame):
                self.files.add_nodes(table.what, labels, frame)
                self._enter(table.what, frame[table.key], digests)
        for number, edge in enumerate(self.ready.tables.schema.edges):
            edges = self.ready.edges.get(edge.type)
            if edges is not None and len(edges):
                self._edges(f"edges{number}", edge, edges)
        if self.ready.spool.rows:
            self._interactions()
        dataset = pd.DataFrame([{"single": True, **self.ready.dataset()}])
        self.files.add_nodes("dataset", ["Dataset"], dataset)
        self.files.add_nodes("unfinished", ["__Unfinished"], self._mark())
        for number, entries in enumerate(self.ledgers):
            self.files.add_nodes(f"ledger{number}", ["__Load"], entries)
        return self.files

    def _mark(self) -> pd.DataFrame:
        """Says that the constraints are missing."""
        types = list(self.ready.edges)
        properties = mark(self.work, "load", self.ready.space, wanted(self.ready), types)
        since = datetime.now(UTC).isoformat(timespec="seconds")
        row = {"work": self.work.key, **properties, "types": types or None, "since": since}
        return pd.DataFrame([row])

    def _edges(self, name: str, edge: EdgeType, frame: pd.DataFrame) -> None:
        writer = EdgeWriter(edge, frame, may_be_there=False)
        rows = writer.frame.assign(
            start=self._numbers(edge.start_role, writer.frame["start"]),
            end=self._numbers(edge.end_role, writer.frame["end"]),
        )
        self.files.add_relationships(name, edge.type, rows)
        _, keys, digests = writer.by_start()
        self._enter(edge.type, keys, digests)

    def _interactions(self) -> None:
        spool, kind = self.ready.spool, self.ready.tables.schema.interaction_type
        users = self._numbers("User", spool.user_ids)
        items = self._numbers("Item", spool.item_ids)
        chunks = _frames(spool.histories(), users, items)
        self.files.add_relationship_chunks("interactions", kind, chunks)
        present = np.flatnonzero(spool.sizes)
        self._enter(kind, spool.user_ids.iloc[present], spool.digests[present])

    def _numbers(self, role: str, ids: pd.Series[Any]) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The numbers of nodes; of an id without a node -1, which no row uses."""
        index, first = self.places[role]
        found = index.get_indexer(pd.Index(ids))
        return np.where(found < 0, -1, found + first)

    def _enter(self, what: str, keys: pd.Series[Any], digests: Hashes) -> None:
        """Entries of the ledger, as the driver's transactions would have left them."""
        values, numbers = keys.tolist(), digests.view(np.int64).tolist()
        starts = range(0, len(values), _KEYS_AN_ENTRY)
        self.ledgers.append(
            pd.DataFrame(
                {
                    "ledger": ledger_name(self.ready, what),
                    "batch": range(len(starts)),
                    "checksum": "bulk",
                    "keys": [values[start : start + _KEYS_AN_ENTRY] for start in starts],
                    "digests": [numbers[start : start + _KEYS_AN_ENTRY] for start in starts],
                }
            )
        )


def _frames(histories: Iterator[Histories], users: Any, items: Any) -> Iterator[pd.DataFrame]:
    """Interactions with numbers of nodes; missing ratings and timestamps are NA."""
    for rows in histories:
        timestamp = pd.Series(rows.timestamp, dtype="Int64")
        yield pd.DataFrame(
            {
                "start": users[rows.user],
                "end": items[rows.item],
                "seq": rows.seq,
                "rating": rows.rating,
                "timestamp": timestamp.mask(rows.timestamp == NO_TIME),
            }
        )
