"""Undoing an adoption: the graph is again exactly what it was.

The record stays until everything else is gone, so that an interrupted undo goes on.
"""

from __future__ import annotations

import re

from ... import cypher
from ...errors import InputError
from ...graph import migrations
from ...graph.connection import Counters, GraphLike
from ..database import holds
from ..run_graph import KINDS, SLOTS, locked
from .additions import VECTORS
from .record import Record, read_record, write_record

_CREATED = re.compile(r"^\w+ (?:\w+ )?(CONSTRAINT|INDEX) (\w+)", re.IGNORECASE)


def undo(graph: GraphLike) -> Counters:
    """Remove what the adoption and all that came after it added: runs, similarities, vectors,
    ``seq`` and copies, ids, role labels, constraints and indexes, bookkeeping, ``(:Dataset)``.

    Waits until a write-back that is at work has ended. What the database had before stays,
    whatever it is called; what the user added since stays, too.

    :raises InputError: when the graph is not adopted.
    """
    record = read_record(graph)
    if record is None:
        raise InputError("this graph is not adopted", "There is nothing to undo.")
    write_record(graph, record.in_state("undoing"))
    counters = Counters()
    counters += locked(graph, lambda: _remove_runs(graph))
    _drop_schema(graph, record)
    counters += _remove_properties(graph, record)
    for role in record.added.roles:
        counters += graph.run("adopt/undo_label", role=role).counters
    labels = [label for label in ("__Load", "__Lock") if label not in record.before.labels]
    counters += graph.run("adopt/undo_nodes", labels=labels).counters
    versions = list(record.before.migrations)
    counters += graph.run("adopt/undo_nodes", labels=["__Migration"], versions=versions).counters
    counters += graph.run("adopt/undo_nodes", labels=["Dataset"]).counters
    return counters


def _remove_runs(graph: GraphLike) -> Counters:
    """First the pointer, so that no reader sees half a run."""
    counters = Counters()
    counters += graph.run("adopt/undo_nodes", labels=["Task"]).counters
    for slot in SLOTS:
        for kind in KINDS:
            graph.run("writeback/drop_index", name=f"{kind}_vector_{slot}")
    names = [*VECTORS, *holds(graph)["jobProperties"]]
    for role in ("User", "Item"):
        counters += graph.run("adopt/undo_results", role=role).counters
        counters += graph.run("adopt/undo_properties", labels=[role], names=names).counters
    counters += graph.run("adopt/undo_nodes", labels=["Run"]).counters
    return counters


def _drop_schema(graph: GraphLike, record: Record) -> None:
    """Constraints and indexes of our migrations that were not there before."""
    constraints, indexes = own_schema()
    for name in constraints - set(record.before.constraints) - set(record.before.indexes):
        graph.run("adopt/drop_constraint", name=name)
    for name in indexes - set(record.before.indexes):
        graph.run("writeback/drop_index", name=name)


def own_schema() -> tuple[set[str], set[str]]:
    """Names of the constraints and of the indexes that the migrations create."""
    found: dict[str, set[str]] = {"CONSTRAINT": set(), "INDEX": set()}
    for migration in migrations.migrations():
        match = _CREATED.match(cypher.load(migration.statement_id).text)
        if match:
            found[match[1].upper()].add(match[2])
    return found["CONSTRAINT"], found["INDEX"]


def _remove_properties(graph: GraphLike, record: Record) -> Counters:
    mapping, added = record.mapping, record.added
    counters = Counters()
    counters += graph.run(
        "adopt/undo_interactions",
        type=mapping.interactions.type,
        names=list(added.interactions),
    ).counters
    for labels, names in (
        (["User"], added.users),
        (["Item"], added.items),
        (list(added.names), ("name",)),
        (["Entity"], ("entityId",)),
    ):
        if labels and names:
            counters += graph.run(
                "adopt/undo_properties", labels=labels, names=list(names)
            ).counters
    return counters
