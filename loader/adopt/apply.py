"""Adopting a graph: adding what the contract needs, in batches, without changing what is there.

The record of what is added is written first. Ids, labels and copies follow; ``seq`` comes
last, so that a half-adopted graph is refused by the export. Every step adds only what is
missing: interrupted at any point, the next call ends with the same graph, and a call on an
adopted graph takes in what has come since.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any

from ...errors import InputError
from ...graph import migrations
from ...graph.connection import Counters, GraphLike, Transaction
from ...graph.unfinished import GraphWork, begin, check_not_emptied, end
from ...graph.writer import progress_bar
from ..engine.lock import load_lock
from ..reading.times import PER_SECOND
from .checks import check
from .entities import name_entities
from .findings import Findings
from .mapping import GraphMapping
from .record import AdoptionRecord, DatabaseBefore, names_of, read_record, write_record

_BOOKKEEPING = ("__Load", "__Lock", "__Migration")
_WORK = GraphWork("adopt", "reelgraph adopt")


@dataclass
class AdoptReport:
    """What was found, what is or would be added, and what changed in the graph."""

    dataset: str
    users: int
    items: int
    entities: int
    interactions: int
    adds: dict[str, list[str]]
    left_out_types: list[str]
    notes: list[str]
    dry_run: bool = False
    counters: Counters = field(default_factory=Counters)
    seconds: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "counters": self.counters.as_dict()}

    def __str__(self) -> str:
        """One line: what changed, or that nothing did."""
        if self.dry_run:
            return "Nothing was written (dry run)."
        return f"{self.dataset}: {self.counters} in {self.seconds:.1f} s"


def adopt(
    graph: GraphLike,
    mapping: GraphMapping | None = None,
    *,
    dry_run: bool = False,
    progress: bool = True,
) -> AdoptReport:
    """Make the user's graph usable: role labels, ids, ``seq``, constraints, ``(:Dataset)``.

    :param mapping: None goes on with the mapping that the graph remembers.
    :param dry_run: check and report only.
    :raises InputError: with all that speaks against it; nothing is written then.
    :raises DatabaseError: while another process loads or adopts.
    """
    record = read_record(graph)
    wanted = _agreed(mapping, record)
    findings = check(graph, wanted, record)
    report = _report(wanted, findings, dry_run)
    if dry_run:
        return report
    started = time.perf_counter()
    with load_lock(graph, migrate=False) as owner:
        check_not_emptied(graph)
        found = read_record(graph)
        if found != record:  # another process has adopted or undone since
            record = found
            wanted = _agreed(mapping, record)
            findings = check(graph, wanted, record)
            report = _report(wanted, findings, dry_run)
        if record is None:
            record = _new_record(graph, wanted, findings)
        else:
            record = record.model_copy(update={"left_out_types": findings.left_out_types})
        _begin(graph, owner, record, findings)
        migrations.apply(graph)
        _add(graph, record, findings, report, progress)
        write_record(graph, record.in_state("adopted"))
        end(graph, owner, _WORK)
    report.seconds = time.perf_counter() - started
    return report


def _begin(graph: GraphLike, owner: str, record: AdoptionRecord, findings: Findings) -> None:
    """Say what is about to be added, and that it is under way."""
    wanted = {role: getattr(findings, role) for role in ("users", "items", "entities")}

    def start(tx: Transaction) -> None:
        begin(tx, owner, _WORK, "adopt", record.mapping.name, wanted)
        write_record(tx, record.in_state("adopting"))

    graph.transact(start)


def _agreed(mapping: GraphMapping | None, record: AdoptionRecord | None) -> GraphMapping:
    """The mapping to work by.

    :raises InputError: when there is none, or another one is at work in this graph.
    """
    if record is not None and record.state == "undoing":
        raise InputError(
            "an adoption of this graph is half undone", "Finish that first: reelgraph adopt --undo"
        )
    if mapping is None:
        if record is None:
            raise InputError(
                "no mapping is named, and this graph was not adopted before",
                "reelgraph adopt --init FILE proposes one, reelgraph adopt FILE adopts by it.",
            )
        return record.mapping
    if record is not None and record.mapping != mapping:
        raise InputError(
            f"this graph is adopted as {record.mapping.name}, by another mapping",
            "Undo that first (reelgraph adopt --undo), or go on with its own: reelgraph adopt",
        )
    return mapping


def _new_record(graph: GraphLike, mapping: GraphMapping, findings: Findings) -> AdoptionRecord:
    """The record of a graph that has none; the loader's lock is held, and is not of before."""
    indexes = graph.run("stats/indexes").rows
    labels = graph.run("stats/labels").rows
    applied = graph.run("schema/read_migrations").rows
    before = DatabaseBefore(
        constraints=names_of(indexes, "constraint"),
        indexes=names_of(indexes, "name"),
        migrations=names_of(applied, "version"),
        labels=tuple(
            row["label"]
            for row in labels
            if row["label"] in _BOOKKEEPING and row["nodes"] > (row["label"] == "__Lock")
        ),
    )
    return AdoptionRecord(
        state="adopting",
        mapping=mapping,
        added=findings.added,
        before=before,
        user_id_type=findings.user_id_type,
        item_id_type=findings.item_id_type,
        left_out_types=findings.left_out_types,
    )


def _add(
    graph: GraphLike,
    record: AdoptionRecord,
    findings: Findings,
    report: AdoptReport,
    progress: bool,
) -> None:
    mapping, counters = record.mapping, report.counters
    for role, id_name, part in (
        ("User", "userId", mapping.users),
        ("Item", "itemId", mapping.items),
    ):
        counters += graph.run(
            "adopt/nodes", labels=list(part.label), role=role, id=id_name, key=part.key
        ).counters
    with progress_bar(findings.entities, "entities", progress) as bar:
        counters += name_entities(graph, mapping, bar.update)
    _copy_names(graph, record, counters)
    _copy_interactions(graph, record, counters)
    interactions = mapping.interactions
    counters += graph.run(
        "adopt/number", type=interactions.type, source=interactions.timestamp
    ).counters


def _copy_names(graph: GraphLike, record: AdoptionRecord, counters: Counters) -> None:
    """What pictures show, under the names that the styles know."""
    mapping, added = record.mapping, record.added
    copies = [
        (list(mapping.users.label), mapping.users.name, "name", "name" in added.users),
        (list(mapping.items.label), mapping.items.title, "title", "title" in added.items),
    ]
    copies += [
        ([one.label], one.name, "name", one.label in added.names) for one in mapping.entities
    ]
    for labels, source, target, wanted in copies:
        if wanted and source is not None:
            counters += graph.run(
                "adopt/copy_property", labels=labels, source=source, target=target
            ).counters


def _copy_interactions(graph: GraphLike, record: AdoptionRecord, counters: Counters) -> None:
    part, added = record.mapping.interactions, record.added.interactions
    if part.rating is not None and "rating" in added:
        counters += graph.run("adopt/copy_ratings", type=part.type, source=part.rating).counters
    if part.timestamp is not None and "timestamp" in added:
        counters += graph.run(
            "adopt/copy_timestamps",
            type=part.type,
            source=part.timestamp,
            divisor=PER_SECOND[part.unit],
        ).counters


def _report(mapping: GraphMapping, findings: Findings, dry_run: bool) -> AdoptReport:
    added = findings.added
    interaction = mapping.interactions.type
    adds = {
        "labels": list(added.roles),
        **{f"properties of {role}": list(getattr(added, role)) for role in ("users", "items")},
        "properties of entities": ["entityId"] if mapping.entities else [],
        "name of": list(added.names),
        f"properties of {interaction}": list(added.interactions),
    }
    return AdoptReport(
        dataset=mapping.name,
        users=findings.users,
        items=findings.items,
        entities=findings.entities,
        interactions=findings.interactions,
        adds={where: names for where, names in adds.items() if names},
        left_out_types=list(findings.left_out_types),
        notes=findings.notes,
        dry_run=dry_run,
    )
