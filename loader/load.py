"""Canonical tables into the graph: exactly once, resumable, the same graph every time.

The interactions are read once and checked to the last row before the first one is written.
Nodes are created by one writer in the order of their ids, so that seeded graph algorithms
repeat from load to load; then the knowledge edges; then the interactions, by parallel
writers. Each transaction leaves in the graph what it wrote (:mod:`.ledger`), so a second
run writes nothing, a file that grew a little writes little, and a run after a crash or
Ctrl-C writes what is missing. A load adds and updates; it deletes nothing. From before its
first write until after its last one the graph says that it is under way
(:mod:`reelgraph.graph.unfinished`).
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any

from ..graph.connection import Counters, GraphLike, Transaction
from ..graph.contents import count_edges, holds
from ..graph.unfinished import GraphWork, Kind, begin, end
from ..graph.writer import Written, progress_bar
from .emptying import empty, replaced
from .engine.database import check_database, reseq
from .engine.edges import EdgeWriter, NodesMissingError
from .engine.ledger import Ledger
from .engine.lock import load_lock
from .engine.nodes import NodeTable, write_nodes
from .engine.prepare import Prepared, prepared
from .engine.ratings import RatingWriter
from .engine.validate import check_tables
from .reading.rejects import Rejects
from .source import CanonicalTables
from .target import Target

__all__ = ["LoadReport", "check_database", "empty", "holds", "load", "replaced", "reseq"]


@dataclass
class LoadReport:
    """What was read, kept and dropped (``rows``), and what it changed in the graph.

    - ``funnel``: a row for each rule of a filtering source
    - ``rejected``: number of rejected rows by reason; the rows are in ``rejected_file``
    - ``ratings``: interactions that were accepted; ``users_written``: users whose
      interactions were not in the graph as they are in the files
    - ``transactions_retried``: transactions that the driver ran again, after a deadlock or
      a lost connection
    - ``refused``: of a dry run, why the load itself would write nothing; ``replaces``: what
      it would delete first
    """

    dataset: str
    rows: dict[str, int]
    funnel: list[dict[str, Any]] = field(default_factory=list)
    rejected: dict[str, int] = field(default_factory=dict)
    rejected_file: str | None = None
    counters: Counters = field(default_factory=Counters)
    ratings: int = 0
    users_written: int = 0
    transactions_retried: int = 0
    seconds: float = 0.0
    ratings_per_second: float | None = None
    dry_run: bool = False
    refused: str | None = None
    replaces: str | None = None

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "counters": self.counters.as_dict()}

    def add(self, written: Written) -> None:
        self.counters += written.counters
        self.transactions_retried += written.retried

    def __str__(self) -> str:
        """One line: what changed and how fast, or that nothing did."""
        if self.dry_run:
            return self._dry()
        rate = self.ratings_per_second
        speed = f"; ratings at {rate:,.0f} a second" if rate else ""
        retried = self.transactions_retried
        again = f"; {retried:,} transactions retried" if retried else ""
        return f"{self.dataset}: {self.counters} in {self.seconds:.1f} s{speed}{again}"

    def _dry(self) -> str:
        lines = ["Nothing was written (dry run)."]
        if self.refused:
            lines.append(f"The load itself would be refused: {self.refused}")
        elif self.replaces:
            lines.append(f"The load itself would first delete {self.replaces}.")
        return "\n".join(lines)


def load(
    graph: GraphLike,
    tables: CanonicalTables,
    *,
    rejects: Rejects | None = None,
    dry_run: bool = False,
    into_new: bool = False,
    everything: bool = False,
    work: GraphWork | None = None,
    progress: bool = True,
) -> LoadReport:
    """Write a source's tables.

    :param rejects: takes bad rows; by default the first one stops the load.
    :param dry_run: read and check all rows and the database, write nothing. What the database
        would refuse is told in the report then.
    :param into_new: when all rows are read and checked, delete the data set that the database
        holds, with its runs; ask before.
    :param everything: with ``into_new``, delete whatever the database holds.
    :param work: what the graph remembers until the load has ended.
    :param progress: show bars on stderr.
    :raises InputError: when rows contradict each other or too many are bad, or the database
        holds another data set, or with ``into_new`` what reelgraph did not make; nothing is
        written then.
    :raises DatabaseError: when another loader is at work, or the server fails.
    """
    rejects = rejects or Rejects()
    check_tables(tables)
    target = Target(graph, tables, into_new, everything, dry_run)
    found = target.check()
    with prepared(graph, tables, found) as ready:
        ready.read(rejects)
        target.check_types(ready, found)
        report = LoadReport(
            ready.space,
            ready.rows(),
            funnel=list(tables.funnel),
            rejected=dict(rejects.counts),
            rejected_file=rejects.listed_in,
            ratings=ready.spool.rows,
            dry_run=dry_run,
            refused=target.refused,
        )
        if dry_run:
            report.replaces = target.replaces()
            return report
        work = work or default_work(tables)
        started = time.perf_counter()
        with load_lock(graph) as owner:
            if into_new:
                report.counters += target.empty(owner, work, progress)
            _write_all(graph, ready, owner, work, report, progress)
        report.seconds = time.perf_counter() - started
    return report


def _write_all(
    graph: GraphLike,
    ready: Prepared,
    owner: str,
    work: GraphWork,
    report: LoadReport,
    progress: bool,
) -> None:
    """Write; and once more when something is missing that the ledgers say is there."""
    found = check_database(graph, ready.tables)  # again, now that no other process can change it
    ready.check(found)
    _begin(graph, ready, owner, work)
    writing = _Writing(graph, ready, owner, report, progress)
    try:
        writing.write()
        lacks = writing.lacks_relationships()
    except NodesMissingError:
        lacks = True
    if lacks:
        writing.forget()
        writing.write()
    end(graph, owner, work)


def _begin(graph: GraphLike, ready: Prepared, owner: str, work: GraphWork) -> None:
    """Say what the database will hold, and that it does not yet."""
    kind: Kind = "add" if ready.joins else "load"
    subject = ready.tables.source if ready.joins else ready.space

    def start(tx: Transaction) -> None:
        begin(tx, owner, work, kind, subject, wanted(ready), list(ready.edges))
        if ready.joins:
            tx.run("load/add_labels", madeLabels=ready.tables.domain_labels)
        else:
            tx.run("load/write_dataset", **ready.dataset())

    graph.transact(start)


@dataclass
class _Writing:
    """One load that holds the lock."""

    graph: GraphLike
    ready: Prepared
    owner: str
    report: LoadReport
    progress: bool

    def write(self) -> None:
        """Nodes, and again those that others have deleted; then edges, then interactions."""
        self._nodes()
        if self._lacks_nodes():
            self.forget()
            self._nodes()
        self._edges()
        if self.ready.spool.rows:
            self._ratings()

    def forget(self) -> None:
        """Delete the ledgers of this load; those of other sources stay true."""
        roles = [table.what for table in node_tables(self.ready)]
        interactions = self.ready.tables.schema.interaction_type
        for what in (*roles, *self.ready.edges, interactions):
            self.graph.run("load/delete_ledger", ledger=ledger_name(self.ready, what))

    def lacks_relationships(self) -> bool:
        """Whether the graph has fewer relationships than the tables."""
        if holds(self.graph)["interactions"] < self.ready.spool.rows:
            return True
        there = count_edges(self.graph, list(self.ready.edges))
        return any(there[name] < len(frame) for name, frame in self.ready.edges.items())

    def _lacks_nodes(self) -> bool:
        found = holds(self.graph)
        return any(found[table.what] < len(table.frame) for table in node_tables(self.ready))

    def _nodes(self) -> None:
        for table in node_tables(self.ready):
            if len(table.frame):
                ledger = self._ledger(table.what)
                self.report.add(write_nodes(self.graph, table, ledger, self.progress))

    def _edges(self) -> None:
        edges = [edge for edge in self.ready.tables.schema.edges if self._has(edge.type)]
        total = sum(len(self.ready.edges[edge.type]) for edge in edges)
        there = count_edges(self.graph, [edge.type for edge in edges])
        with progress_bar(total, "relationships", self.progress) as bar:
            for edge in edges:
                writer = EdgeWriter(edge, self.ready.edges[edge.type], there[edge.type] > 0)
                self.report.add(writer.write(self._ledger(edge.type), bar.update))

    def _has(self, edge_type: str) -> bool:
        return len(self.ready.edges.get(edge_type, ())) > 0

    def _ratings(self) -> None:
        interaction_type = self.ready.tables.schema.interaction_type
        is_there = holds(self.graph)["interactions"] > 0
        writer = RatingWriter(self.ready.spool, interaction_type, is_there)
        started = time.perf_counter()
        with progress_bar(self.ready.spool.rows, "interactions", self.progress) as bar:
            written, users = writer.write(self._ledger(interaction_type), bar.update)
        self.report.add(written)
        self.report.users_written += users
        if writer.older:
            left_out = "interactions older than the graph's, left out"
            self.report.rows[left_out] = writer.older
        if written.counters.relationships_created:
            seconds = time.perf_counter() - started
            self.report.ratings_per_second = written.counters.relationships_created / seconds

    def _ledger(self, what: str) -> Ledger:
        return Ledger(self.graph, ledger_name(self.ready, what), self.owner)


def node_tables(ready: Prepared) -> tuple[NodeTable, ...]:
    """Users, items and entities, in the order in which they are written."""
    tables = ready.tables
    label = {"label": tables.schema.item_label}
    own_names = tables.users is not None and "name" in tables.users
    return (
        NodeTable("users", "userId", ready.users, () if own_names else ("name",)),
        NodeTable("items", "itemId", ready.items, parameters=label),
        NodeTable("entities", "entityId", ready.entities),
    )


def wanted(ready: Prepared) -> dict[str, int]:
    """How many rows of what are written."""
    rows = {table.what: len(table.frame) for table in node_tables(ready)}
    rows["relationships"] = sum(map(len, ready.edges.values()))
    return {**rows, "interactions": ready.spool.rows}


def default_work(tables: CanonicalTables) -> GraphWork:
    """What the graph remembers of a load that was not begun by the command line."""
    return GraphWork(f"load {tables.source}", f"reelgraph load {tables.source}")


def ledger_name(ready: Prepared, what: str) -> str:
    """The ledger of users, items, entities or one type of relationships."""
    return f"{ready.space}/{ready.tables.source}/{what}"
