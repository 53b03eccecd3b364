"""What a graph must be like before it is adopted; every reason against it is told at once."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import Any

import pandas as pd

from ...errors import InputError
from ...graph.connection import GraphLike
from ...graph.contract import OWN_TYPES
from ..reading.times import PER_SECOND, Times, calendar_format, day_of, unit_of
from .additions import find_additions
from .findings import Findings, interaction_values
from .mapping import GraphMapping
from .record import AdoptionRecord

_TIMES = ("INTEGER", "ZONED DATETIME", "LOCAL DATETIME", "DATE")


def check(
    graph: GraphLike, mapping: GraphMapping, record: AdoptionRecord | None = None
) -> Findings:
    """Check a graph against a mapping, reading only.

    :param record: of an adoption that is already there; its own names then do not clash.
    :raises InputError: with every problem: what, where, and what to do.
    """
    findings = Findings()
    _check_names(graph, mapping, findings)
    if not findings.problems:  # else the questions below have no answer
        _check_ids(graph, mapping, findings)
        _check_interactions(graph, mapping, findings)
        if record is None:
            find_additions(graph, mapping, findings)
        else:
            findings.added = record.added
    if findings.problems:
        texts = [f"- {what}\n  {hint}" for what, hint in findings.problems]
        raise InputError("this graph cannot be adopted as the mapping says", "\n".join(texts))
    return findings


def kinds_of(types: Collection[str]) -> list[str]:
    """Kinds of values without ``NOT NULL`` and without the absent ones: ``INTEGER``, …"""
    plain = {kind.removesuffix(" NOT NULL") for kind in types}
    return sorted(plain - {"NULL"})


def _check_names(graph: GraphLike, mapping: GraphMapping, findings: Findings) -> None:
    """Labels and types that the mapping names are there."""
    labels = {row["label"]: row["nodes"] for row in graph.run("stats/labels").rows}
    types = {
        row["type"]: row["relationships"] for row in graph.run("stats/relationship_types").rows
    }
    parts = {"users": mapping.users.label, "items": mapping.items.label}
    for part, names in {**parts, "entities": mapping.entity_labels}.items():
        for name in names:
            if not labels.get(name):
                findings.refuse(f"{part}: no node has the label {name}", _known(labels))
    for name in (mapping.interactions.type, *mapping.relationships):
        if not types.get(name):
            findings.refuse(f"there is no relationship of type {name}", _known(types))
    named = {mapping.interactions.type, *mapping.relationships, *OWN_TYPES}
    findings.left_out_types = tuple(
        sorted(name for name, number in types.items() if number and name not in named)
    )


def _check_ids(graph: GraphLike, mapping: GraphMapping, findings: Findings) -> None:
    entities = graph.run("adopt/role_use", role="Entity", labels=mapping.entity_labels).single()
    findings.entities = entities["nodes"] if entities else 0
    for part, labelled in (("users", mapping.users), ("items", mapping.items)):
        row = graph.run("adopt/key_state", labels=list(labelled.label), key=labelled.key).single()
        assert row is not None
        setattr(findings, part, row["nodes"])
        where = f"{part}: {labelled.key} of (:{'|'.join(labelled.label)})"
        kinds = kinds_of(row["types"])
        if row["missing"]:
            findings.refuse(
                f"{where} is missing on {row['missing']:,} of {row['nodes']:,} nodes",
                "Name a key that each of them has, or give it to those that lack it.",
            )
        if row["repeated"]:
            shown = ", ".join(map(str, row["repeated"]))
            findings.refuse(
                f"{where} is not unique: {shown}",
                "Name another key, or merge the nodes that are the same.",
            )
        if kinds and kinds not in (["INTEGER"], ["STRING"]):
            findings.refuse(
                f"{where} holds values of kind {', '.join(kinds)}",
                "A key is an integer on every node, or a string on every node.",
            )
        id_type = kinds[0] if kinds else ""
        setattr(findings, "user_id_type" if part == "users" else "item_id_type", id_type)
    pair = {"users": list(mapping.users.label), "items": list(mapping.items.label)}
    both = graph.run("adopt/both_roles", **pair).single()
    if both and both["nodes"]:
        findings.refuse(
            f"{both['nodes']:,} nodes are users and items at once",
            "Name labels that separate them.",
        )


def _check_interactions(graph: GraphLike, mapping: GraphMapping, findings: Findings) -> None:
    part = mapping.interactions
    ends = {"users": list(mapping.users.label), "items": list(mapping.items.label)}
    row = graph.run(
        "adopt/interaction_state", type=part.type, key=mapping.users.key, **ends
    ).single()
    assert row is not None
    findings.interactions = row["interactions"]
    if not row["interactions"]:
        turned = f"; {row['reversed']:,} lead from items to users" if row["reversed"] else ""
        findings.refuse(
            f"interactions: no {part.type} leads from a user to an item{turned}",
            "Name the type that does; one in the other direction has to be turned round first.",
        )
        return
    if row["repeated"]:
        shown = ", ".join(map(str, row["users"]))
        findings.refuse(
            f"interactions: {row['repeated']:,} {part.type} repeat one of the same user and item, "
            f"such as of user {shown}",
            "Keep one relationship for each user and item, for example the last one.",
        )
    if row["all"] > row["interactions"]:
        number = row["all"] - row["interactions"]
        findings.notes.append(f"{number:,} {part.type} lie between other nodes and stay outside")
    if part.rating is not None:
        _check_rating(interaction_values(graph, mapping, part.rating), part.rating, findings)
    if part.timestamp is not None:
        _check_times(interaction_values(graph, mapping, part.timestamp), mapping, findings)


def _check_rating(rows: Sequence[dict[str, Any]], name: str, findings: Findings) -> None:
    if not rows:
        findings.refuse(
            f"interactions: none has the property {name}",
            "Name the one that holds the rating, or leave 'rating' out: implicit feedback.",
        )
    for row in rows:
        if row["kind"] not in ("INTEGER", "FLOAT"):
            findings.refuse(
                f"interactions: {name} is of kind {row['kind']} on {row['interactions']:,}, such "
                f"as {row['low']!r}",
                "A rating is a number. Make it one, or leave 'rating' out: implicit feedback.",
            )
        elif not all(math.isfinite(row[end]) for end in ("low", "high")):
            findings.refuse(
                f"interactions: {name} is not a finite number on some of {row['interactions']:,}",
                "Remove the property where it is NaN or infinite.",
            )


def _check_times(rows: Sequence[dict[str, Any]], mapping: GraphMapping, findings: Findings) -> None:
    name, unit = mapping.interactions.timestamp, mapping.interactions.unit
    ours = name == "timestamp"
    if not rows:
        findings.refuse(
            f"interactions: none has the property {name}",
            "Name the one that holds the time, or leave 'timestamp' out.",
        )
    for row in rows:
        where = f"interactions: {name} is of kind {row['kind']} on {row['interactions']:,}"
        if row["kind"] not in _TIMES:
            findings.refuse(
                f"{where}, such as {row['low']!r}",
                "A time is a DATETIME, a DATE, or an INTEGER: seconds, milliseconds, microseconds "
                "or nanoseconds since 1970.",
            )
        elif ours and (row["kind"] != "INTEGER" or unit != "seconds"):
            findings.refuse(
                f"{where}, in {unit}" if row["kind"] == "INTEGER" else where,
                "Under the name 'timestamp' reelgraph needs whole seconds since 1970. Rename "
                "yours, for example to ratedAt, and name that in the mapping.",
            )
        elif row["kind"] == "INTEGER":
            _check_numbers(row, where, unit, ours, findings)


def _check_numbers(
    row: dict[str, Any], where: str, unit: str, ours: bool, findings: Findings
) -> None:
    """The lowest and the highest must be times from 1900 to 2100, and no dates."""
    ends = (row["low"], row["high"])
    format = calendar_format(pd.Series([str(one) for one in ends], dtype="str"))
    if format is not None:
        findings.refuse(
            f"{where}, {ends[0]} to {ends[1]}: these look like dates as in '{format}'",
            "Make them a DATE or DATETIME under another name, and name that in the mapping.",
        )
        return
    seconds = pd.Series([one // PER_SECOND[unit] for one in ends], dtype="Int64")
    odd = Times(unit).like(seconds.iloc[1]).odd(seconds)
    for one, second, wrong in zip(ends, seconds, odd, strict=True):
        likely = unit_of(one)
        if wrong:
            said = f'Say unit = "{likely}" there.' if likely != unit else "Remove or mend it."
            if ours and likely != unit:
                said = "Rename it, for example to ratedAt, and name that in the mapping, with "
                said += f'unit = "{likely}".'
            findings.refuse(f"{where}: {one} {unit} since 1970 is {day_of(int(second))}", said)
            return


def _known(names: dict[str, int]) -> str:
    there = [name for name, number in names.items() if number]
    return f"There are: {', '.join(there[:30]) or 'none'}"
