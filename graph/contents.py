"""What the graph says about its data set, and how much of each part it holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .connection import GraphLike

RATED = "RATED"  # the interaction's type where a graph does not say it


@dataclass(frozen=True)
class DatasetFacts:
    """What the graph says about its data set; ``counts`` of users, items and entities.

    ``left_out_types`` are those that are not knowledge in a graph that was adopted.
    """

    name: str | None
    id_space: str | None
    interaction_type: str
    counts: dict[str, int]
    left_out_types: tuple[str, ...] = ()


def read_facts(graph: GraphLike) -> DatasetFacts:
    """The ``(:Dataset)`` node, with defaults where a graph has none, and node counts."""
    row = graph.run("export/dataset").single() or {}
    counts = {role: int(row.get(role, 0)) for role in ("users", "items", "entities")}
    return DatasetFacts(
        row.get("name"),
        row.get("idSpace"),
        row.get("interactionType") or RATED,
        counts,
        tuple(row.get("leftOutTypes") or ()),
    )


def holds(graph: GraphLike) -> dict[str, Any]:
    """The data set's name and the number of users, items, entities and interactions."""
    return graph.run("load/read_dataset", interactionType=RATED).single() or {}


def count_edges(graph: GraphLike, types: Sequence[str]) -> dict[str, int]:
    """How many relationships of each type the graph has."""
    rows = graph.run("load/count_edges", types=list(types)).rows if types else []
    return {row["type"]: row["edges"] for row in rows}
