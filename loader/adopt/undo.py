"""Undoing an adoption: the graph is again exactly what it was.

The record stays until everything else is gone, so that an interrupted undo goes on.
"""

from __future__ import annotations

from ...errors import InputError
from ...graph.connection import Counters, GraphLike, Transaction
from ...graph.contents import holds
from ...graph.contract import RUN_PROPERTIES, VECTOR_INDEXES
from ...graph.migrations import own_schema
from ...graph.results_lock import holding_results
from ...graph.unfinished import GraphWork, begin, end
from ..engine.lock import load_lock
from .record import AdoptionRecord, read_record, write_record

_WORK = GraphWork("adopt --undo", "reelgraph adopt --undo")


def undo(graph: GraphLike) -> Counters:
    """Remove what the adoption and all that came after it added: runs, similarities, vectors,
    ``seq`` and copies, ids, role labels, constraints and indexes, bookkeeping, ``(:Dataset)``.

    Waits until a write-back that is at work has ended. What the database had before stays,
    whatever it is called; what the user added since stays, too. So do ids and names that
    differ from what they were copied from: the user wrote them.

    :raises InputError: when the graph is not adopted.
    :raises DatabaseError: while another process loads or adopts.
    """
    _record(graph)  # a graph that is not adopted gets no lock
    with load_lock(graph, migrate=False) as owner:
        return _undo(graph, _record(graph), owner)


def _record(graph: GraphLike) -> AdoptionRecord:
    record = read_record(graph)
    if record is None:
        raise InputError("this graph is not adopted", "There is nothing to undo.")
    return record


def _undo(graph: GraphLike, record: AdoptionRecord, owner: str) -> Counters:
    def start(tx: Transaction) -> None:
        end(tx, owner)
        begin(tx, owner, _WORK, "undo", record.mapping.name)
        write_record(tx, record.in_state("undoing"))

    graph.transact(start)
    counters = Counters()
    counters += holding_results(graph, lambda: _remove_runs(graph))
    _drop_schema(graph, record)
    counters += _remove_properties(graph, record)
    for role in record.added.roles:
        counters += graph.run("adopt/undo_label", role=role).counters
    versions = list(record.before.migrations)
    counters += graph.run("adopt/undo_nodes", labels=["__Migration"], versions=versions).counters
    ours = {"__Load", "__Lock"} - set(record.before.labels)
    counters += graph.run("adopt/undo_nodes", labels=list(ours - {"__Lock"})).counters
    # The lock goes with the record, so that no loader takes it in a half-undone graph.
    labels = [*(ours & {"__Lock"}), "__Unfinished", "Dataset"]
    counters += graph.run("adopt/undo_nodes", labels=labels).counters
    return counters


def _remove_runs(graph: GraphLike) -> Counters:
    """First the pointer, so that no reader sees half a run."""
    counters = Counters()
    counters += graph.run("adopt/undo_nodes", labels=["Task"]).counters
    for name in VECTOR_INDEXES:
        graph.run("writeback/drop_index", name=name)
    names = [*RUN_PROPERTIES, *holds(graph)["jobProperties"]]
    for role in ("User", "Item"):
        counters += graph.run("adopt/undo_results", role=role).counters
        counters += graph.run("adopt/undo_properties", labels=[role], names=names).counters
    counters += graph.run("adopt/undo_nodes", labels=["Run"]).counters
    return counters


def _drop_schema(graph: GraphLike, record: AdoptionRecord) -> None:
    """Constraints and indexes of our migrations that were not there before."""
    constraints, indexes = own_schema()
    for name in constraints - set(record.before.constraints) - set(record.before.indexes):
        graph.run("adopt/drop_constraint", name=name)
    for name in indexes - set(record.before.indexes):
        graph.run("writeback/drop_index", name=name)


def _remove_properties(graph: GraphLike, record: AdoptionRecord) -> Counters:
    mapping, added = record.mapping, record.added
    counters = Counters()
    counters += graph.run(
        "adopt/undo_interactions",
        type=mapping.interactions.type,
        names=list(added.interactions),
    ).counters
    sources = {
        "User": {"userId": mapping.users.key, "name": mapping.users.name},
        "Item": {"itemId": mapping.items.key, "title": mapping.items.title},
    }
    copies = [("User", name, sources["User"][name]) for name in added.users]
    copies += [("Item", name, sources["Item"][name]) for name in added.items]
    copies += [
        (one.label, "name", one.name) for one in mapping.entities if one.label in added.names
    ]
    for label, name, source in copies:
        counters += graph.run("adopt/undo_copy", label=label, name=name, source=source).counters
    counters += graph.run("adopt/undo_properties", labels=["Entity"], names=["entityId"]).counters
    return counters
