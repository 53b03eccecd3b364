"""Ids of entities: ``kind:value``, unique, the same however often an adoption is interrupted."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from ...graph.connection import Counters, GraphLike
from ...graph.writer import Progress
from .mapping import EntityMapping, GraphMapping

_NODES_A_BATCH = 5_000


def name_entities(graph: GraphLike, mapping: GraphMapping, progress: Progress) -> Counters:
    """Give every node that the mapping calls an entity its id and the label ``Entity``.

    A node with several of the labels gets one id, of the kind that comes first in the
    mapping. Nodes that are items stay items. An id that a node has stays.
    """
    counters = Counters()
    batch: list[dict[str, Any]] = []
    for group in new_ids(_rows(graph, mapping), mapping.entities):
        batch.append(group)
        if len(batch) == _NODES_A_BATCH:
            counters += graph.run("adopt/entities", groups=batch).counters
            progress(len(batch))
            batch = []
    if batch:
        counters += graph.run("adopt/entities", groups=batch).counters
        progress(len(batch))
    return counters


def _rows(graph: GraphLike, mapping: GraphMapping) -> list[dict[str, Any]]:
    """All entities in the order in which the database keeps them, which is that of creation
    as long as none was deleted."""
    keys = sorted({key for entity in mapping.entities for key in entity.keys})
    found = graph.run(
        "adopt/entity_rows",
        labels=mapping.entity_labels,
        items=list(mapping.items.label),
        keys=keys,
    ).rows
    for row in found:
        row["values"] = dict(zip(keys, row["values"], strict=True))
    return sorted(found, key=lambda row: _position(row["node"]))


def _position(element_id: str) -> tuple[int, str]:
    """Element ids end with the node's number: ``4:<database>:<number>``."""
    number = element_id.rpartition(":")[2]
    return (int(number), "") if number.isdigit() else (0, element_id)


def new_ids(
    rows: list[dict[str, Any]], entities: tuple[EntityMapping, ...]
) -> Iterator[dict[str, Any]]:
    """``node, entityId`` for each node without one; a name that is taken gets ``#2``, ``#3`` …,
    and a node without any key the next free number of its kind: ``kind:#1``."""
    used = {row["entityId"] for row in rows if row["entityId"] is not None}
    next_number: dict[str, int] = {}
    for row in rows:
        if row["entityId"] is not None and "Entity" in row["labels"]:
            continue
        base = _base(row, entities)
        name = row["entityId"]
        if name is None:
            first = next_number.get(base, 1)
            for number in count(first):
                name = base if number == 1 and not base.endswith(":") else f"{base}#{number}"
                next_number[base] = number + 1
                if name not in used:
                    break
        used.add(name)
        yield {"node": row["node"], "entityId": name}


def _base(row: dict[str, Any], entities: tuple[EntityMapping, ...]) -> str:
    """``person:287``, or ``person:`` for a node that has none of the keys."""
    labels = set(row["labels"])
    entity = next(one for one in entities if one.label in labels)
    values = (row["values"][key] for key in entity.keys)
    value = next((value for value in values if value not in (None, "")), "")
    return f"{entity.kind}:{value}"
