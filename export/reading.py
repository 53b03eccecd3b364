"""Reading a whole graph in few, wide rows: columns grouped by user or by head node.

One record a rating costs mostly per record; a record that holds all ratings of a user
as parallel lists is many times faster (``bench/export.py`` measures it). Nodes and triples
are held in memory; interactions are not (:mod:`.histories`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..artifacts import Edges
from ..errors import DatabaseError, InputError
from ..graph.connection import GraphLike
from ..graph.contents import DatasetFacts
from ..graph.contract import RESULT_TYPES, RUN_PROPERTIES, STRUCTURE, structure_property
from .columns import property_columns

CHANGED = "The graph was changed while it was read: run the export again."

# Written by runs and graph jobs too; vectors stay behind because they are lists of floats.
_RESULT_PROPERTIES = [
    *RUN_PROPERTIES,
    *(structure_property(edges, column) for edges in get_args(Edges) for column in STRUCTURE),
]

Array = npt.NDArray[Any]


def read_nodes(graph: GraphLike, role: str, key: str, system_label: str) -> pd.DataFrame:
    """All nodes of a role, sorted by id: ``key``, ``labels`` (domain labels), properties.

    :param role: ``users``, ``items`` or ``entities``.
    :raises InputError: when an id is missing or not unique, or ids are of two kinds.
    """
    rows = list(graph.stream(f"export/{role}", leftOut=[key, "labels", *_RESULT_PROPERTIES]))
    ids = [row["id"] for row in rows]
    _check_ids(ids, key, system_label)
    rows.sort(key=lambda row: row["id"])
    labels = [sorted(set(row["labels"]) - {system_label}) for row in rows]
    whole = bool(ids) and isinstance(ids[0], int)
    frame = pd.DataFrame(
        {
            key: pd.Series([row["id"] for row in rows], dtype="int64" if whole else "str"),
            "labels": pd.Series(labels, dtype="object"),
        }
    )
    return frame.assign(**property_columns([(row["names"], row["values"]) for row in rows]))


def read_triples(
    graph: GraphLike, facts: DatasetFacts, items: pd.DataFrame, entities: pd.DataFrame
) -> pd.DataFrame:
    """``head, relation, tail``: node indices, sorted by relation, head, tail; no row twice.

    Relationships with a ``timestamp`` are left out (:func:`count_events`): they say what
    happened at a time, which may be later than what is predicted.

    :param items: with columns ``itemId, index``; ``entities`` likewise.
    """
    item_index = dict(zip(items["itemId"], items["index"], strict=True))
    entity_index = dict(zip(entities["entityId"], entities["index"], strict=True))
    left_out = _no_knowledge(facts)
    edges = _Edges()
    for row in graph.stream("export/item_triples", leftOut=left_out):
        item = positions([row["item"]], item_index)[0]
        others = [positions(row["items"], item_index), positions(row["entities"], entity_index)]
        edges.add(item, row["relation"], np.concatenate(others), outgoing=row["outgoing"])
    for row in graph.stream("export/entity_triples", leftOut=left_out):
        head = positions([row["head"]], entity_index)[0]
        edges.add(head, row["relation"], positions(row["tails"], entity_index), outgoing=True)
    return edges.frame()


def count_events(graph: GraphLike, facts: DatasetFacts) -> dict[str, int]:
    """Relationships between items and entities that have a ``timestamp``, by type."""
    rows = graph.run("export/events", leftOut=_no_knowledge(facts)).rows
    return {row["relation"]: row["events"] for row in rows}


def _no_knowledge(facts: DatasetFacts) -> list[str]:
    return sorted({*RESULT_TYPES, facts.interaction_type, *facts.left_out_types})


@dataclass
class _Edges:
    """Triples as they arrive, in parts of one node and relation."""

    heads: list[Array] = field(default_factory=list)
    relations: list[str] = field(default_factory=list)
    tails: list[Array] = field(default_factory=list)

    def add(self, node: int, relation: str, others: Array, outgoing: bool) -> None:
        nodes = np.full(len(others), node, np.int32)
        self.heads.append(nodes if outgoing else others)
        self.tails.append(others if outgoing else nodes)
        self.relations.append(relation)

    def frame(self) -> pd.DataFrame:
        none = np.empty(0, np.int32)
        names, codes = np.unique(np.array(self.relations, dtype="object"), return_inverse=True)
        columns = {
            "head": np.concatenate([none, *self.heads]),
            "relation": np.repeat(codes.astype(np.int32), [len(part) for part in self.heads]),
            "tail": np.concatenate([none, *self.tails]),
        }
        frame = pd.DataFrame(columns).drop_duplicates()
        frame = frame.sort_values(["relation", "head", "tail"], ignore_index=True)
        relations = pd.Series(names, dtype="str").take(frame["relation"].to_numpy())
        return frame.assign(relation=relations.array)


def positions(ids: Iterable[Any], known: Mapping[Any, int]) -> Array:
    """Positions of ids as int32.

    :raises DatabaseError: for an id that was not there when the nodes were read.
    """
    try:
        return np.fromiter(map(known.__getitem__, ids), np.int32)
    except KeyError as error:
        raise DatabaseError(f"node {error} was not there a moment ago", CHANGED) from None


def _check_ids(ids: list[Any], key: str, label: str) -> None:
    kinds = {type(value).__name__ for value in ids}
    if "NoneType" in kinds:
        raise InputError(
            f"{sum(value is None for value in ids)} {label} nodes have no {key}",
            f"Every (:{label}) needs a unique {key}.",
        )
    if len(kinds) > 1 or kinds - {"int", "str"}:
        raise InputError(
            f"{key} of (:{label}) nodes is of kind {' and '.join(sorted(kinds))}",
            f"Make every {key} an integer, or every one a string.",
        )
    if len(set(ids)) < len(ids):
        raise InputError(
            f"{len(ids) - len(set(ids))} {label} nodes have a {key} that another one has",
            "Make them unique, then apply the constraints: reelgraph schema apply",
        )
