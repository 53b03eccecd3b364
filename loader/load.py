"""Canonical tables into the graph: exactly once, resumable, the same graph every time.

Nodes are created by one writer in the order of their ids, so that seeded graph algorithms
repeat from load to load; then the knowledge edges; then the ratings, by parallel writers.
Every batch leaves its mark in the graph (see :mod:`reelgraph.graph.writer`), so a second
run writes nothing, and a run after a crash or Ctrl-C writes what is missing. A load adds and
updates; it deletes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from ..artifacts import digest
from ..errors import InputError
from ..graph import migrations
from ..graph.connection import Counters, GraphLike
from ..graph.writer import Batch, Progress, batches, progress_bar, write_batches
from .interactions import add_seq
from .source import CanonicalTables, EdgeType
from .validate import check_tables

INTERACTION = "RATED"
_NODES_A_BATCH = 2_000
_RATING_BUCKETS = 64
_THREADS = 4


@dataclass
class LoadReport:
    """What was read, kept and dropped (``rows``), and what it changed in the graph."""

    dataset: str
    rows: dict[str, int]
    counters: Counters = field(default_factory=Counters)
    ratings: int = 0
    seconds: float = 0.0
    ratings_per_second: float | None = None
    dry_run: bool = False

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "counters": self.counters.as_dict()}

    def __str__(self) -> str:
        """One line: what changed and how fast, or that nothing did."""
        if self.dry_run:
            return "Nothing was written (dry run)."
        rate = self.ratings_per_second
        speed = f"; ratings at {rate:,.0f} a second" if rate else ""
        return f"{self.dataset}: {self.counters} in {self.seconds:.1f} s{speed}"


def load(
    graph: GraphLike, tables: CanonicalTables, *, dry_run: bool = False, progress: bool = True
) -> LoadReport:
    """Write a source's tables.

    :param dry_run: check the rows and the database, write nothing.
    :param progress: show bars on stderr.
    :raises InputError: when rows contradict each other, or the database holds another data
        set; nothing is written then.
    """
    check_tables(tables)
    check_database(graph, tables)
    report = LoadReport(tables.id_space, dict(tables.report), dry_run=dry_run)
    report.ratings = len(tables.interactions)
    if dry_run:
        return report
    started = time.perf_counter()
    migrations.apply(graph)
    graph.run("load/write_dataset", **_dataset(tables))
    _write(graph, tables, report, progress)
    if _something_is_missing(graph, tables):  # written once, and deleted by somebody since
        graph.run("load/delete_ledgers")
        _write(graph, tables, report, progress)
    report.seconds = time.perf_counter() - started
    return report


def check_database(graph: GraphLike, tables: CanonicalTables) -> None:
    """:raises InputError: when the database holds another data set, or nodes of other origin."""
    found = graph.run("load/read_dataset", interactionType=INTERACTION).single() or {}
    other = "Use an empty database, or 'reelgraph load … --into-new', which empties this one."
    if found.get("idSpace") is None:
        if any(found.get(role) for role in ("users", "items", "entities")):
            raise InputError(
                "the database holds User, Item or Entity nodes that reelgraph did not load", other
            )
        return
    if found["idSpace"] != tables.id_space:
        raise InputError(
            f"the database holds the data set {found['name']}, whose ids are not those of "
            f"{tables.id_space}",
            other,
        )
    wanted = _dataset(tables)
    for kind in ("userIdType", "itemIdType"):
        if found[kind] != wanted[kind]:
            raise InputError(
                f"the ids in these files are of type {wanted[kind]}, those in the database are "
                f"{found[kind]} ({kind})",
                other,
            )


def holds(graph: GraphLike) -> dict[str, Any]:
    """The data set's name and the number of users, items, entities and interactions."""
    return graph.run("load/read_dataset", interactionType=INTERACTION).single() or {}


def empty(graph: GraphLike) -> Counters:
    """Delete the data set, its runs and its marks; the schema and other labels stay.

    The marks go first and the data set's own node last, so that after a crash in between
    the database still says what it holds and no load believes it is complete.
    """
    counters = Counters()
    for statement in ("delete_ledgers", "delete_graph", "delete_dataset"):
        counters += graph.run(f"load/{statement}").counters
    return counters


def reseq(graph: GraphLike) -> dict[str, int]:
    """Put ``seq`` on ratings without one: ``{users, renumbered}``.

    A user's ratings are numbered again by (timestamp, seq, itemId): new ones stand behind
    those of the same time, and ones without a time stand last.
    """
    row = graph.run("load/reseq").single()
    return {"users": 0, "renumbered": 0, **(row or {})}


def bucket_count(rows: int, least: int = 1) -> int:
    """Hash buckets for so many rows: about 10,000 rows or fewer each.

    ``least`` times a power of 4, so that it changes rarely as a file grows: when it does,
    the batches are other ones and all are written again.
    """
    buckets = least
    while rows > buckets * 10_000:
        buckets *= 4
    return buckets


def _write(graph: GraphLike, tables: CanonicalTables, report: LoadReport, progress: bool) -> None:
    space = tables.id_space
    nodes: tuple[tuple[str, pd.DataFrame, str, dict[str, str]], ...] = (
        ("users", _named(tables.users), "userId", {}),
        ("items", tables.items, "itemId", {"label": tables.schema.item_label}),
        ("entities", tables.entities, "entityId", {}),
    )
    for name, frame, key, parameters in nodes:
        with progress_bar(len(frame), name, progress) as bar:
            report.counters += write_batches(
                graph,
                f"load/{name}",
                _node_batches(frame, key),
                ledger=f"{space}/{name}",
                threads=1,
                progress=bar.update,
                **parameters,
            )
    edges = [edge for edge in tables.schema.edges if len(tables.edges.get(edge.type, ()))]
    total = sum(len(tables.edges[edge.type]) for edge in edges)
    with progress_bar(total, "relationships", progress) as bar:
        for edge in edges:
            report.counters += _write_edges(graph, space, edge, tables.edges[edge.type], bar.update)
    report.counters += _write_ratings(graph, tables, report, progress)


def _named(users: pd.DataFrame) -> pd.DataFrame:
    """Users with a ``name``: without one the Browser shows the first number that it finds."""
    if "name" in users:
        return users
    return users.assign(name="user " + users["userId"].astype("str"))


def _node_batches(frame: pd.DataFrame, key: str) -> Iterator[Batch]:
    """Rows in the order of ids: ``{id, properties, labels}``, missing properties left out."""
    frame = frame.sort_values(key, ignore_index=True)
    names = [name for name in frame.columns if name not in (key, "labels")]
    for start in range(0, len(frame), _NODES_A_BATCH):
        part = frame.iloc[start : start + _NODES_A_BATCH]
        present = part[names].notna().to_numpy().tolist()
        columns = [part[name].tolist() for name in names]
        values = zip(*columns, strict=True) if columns else [()] * len(part)
        groups = [
            {"id": one, "properties": _present(names, row, flags)}
            for one, row, flags in zip(part[key].tolist(), values, present, strict=True)
        ]
        if "labels" in part:
            for group, labels in zip(groups, part["labels"], strict=True):
                group["labels"] = list(labels)
        yield Batch(start // _NODES_A_BATCH, groups, digest(groups, 16), len(groups))


def _present(names: list[str], row: tuple[Any, ...], flags: list[bool]) -> dict[str, Any]:
    return {name: value for name, value, here in zip(names, row, flags, strict=True) if here}


def _write_edges(
    graph: GraphLike, space: str, edge: EdgeType, frame: pd.DataFrame, progress: Progress
) -> Counters:
    """By one writer: edges of different movies end in the same genres, which locks them."""
    buckets = bucket_count(len(frame))
    return write_batches(
        graph,
        f"load/edges_{edge.start_role.lower()}_{edge.end_role.lower()}",
        batches(frame, "start", {"ends": "end"}, buckets, group_key="start"),
        ledger=f"{space}/{edge.type}/{buckets}",
        threads=1,
        progress=progress,
        type=edge.type,
    )


def _write_ratings(
    graph: GraphLike, tables: CanonicalTables, report: LoadReport, progress: bool
) -> Counters:
    frame = add_seq(tables.interactions)
    for name in ("rating", "timestamp"):
        if name not in frame:
            frame[name] = None
    columns = {"itemIds": "itemId", "ratings": "rating", "timestamps": "timestamp", "seqs": "seq"}
    buckets = bucket_count(len(frame), least=_RATING_BUCKETS)
    started = time.perf_counter()
    with progress_bar(len(frame), "ratings", progress) as bar:
        counters = write_batches(
            graph,
            "load/ratings",
            batches(frame, "userId", columns, buckets),
            ledger=f"{tables.id_space}/{INTERACTION}/{buckets}",
            threads=_THREADS,
            progress=bar.update,
        )
    if counters.relationships_created:
        seconds = time.perf_counter() - started
        report.ratings_per_second = counters.relationships_created / seconds
    return counters


def _something_is_missing(graph: GraphLike, tables: CanonicalTables) -> bool:
    found = holds(graph)
    wanted = {
        "users": len(tables.users),
        "items": len(tables.items),
        "entities": len(tables.entities),
        "interactions": len(tables.interactions),
    }
    if any(found[role] < number for role, number in wanted.items()):
        return True
    rows = graph.run("load/count_edges", types=list(tables.edges)).rows
    return any(row["edges"] < len(tables.edges[row["type"]]) for row in rows)


def _dataset(tables: CanonicalTables) -> dict[str, str]:
    return {
        "name": tables.id_space,
        "idSpace": tables.id_space,
        "userIdType": _id_type(tables.users["userId"]),
        "itemIdType": _id_type(tables.items["itemId"]),
        "interactionType": INTERACTION,
    }


def _id_type(ids: pd.Series[Any]) -> str:
    return "INTEGER" if pd.api.types.is_integer_dtype(ids) else "STRING"
