"""What was found out about a graph under a mapping."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...graph.connection import GraphLike
from .mapping import GraphMapping
from .record import Added


@dataclass
class Findings:
    """What a graph has under a mapping, what would be added, and what speaks against it."""

    users: int = 0
    items: int = 0
    entities: int = 0
    interactions: int = 0
    user_id_type: str = ""
    item_id_type: str = ""
    added: Added = field(default_factory=Added)
    left_out_types: tuple[str, ...] = ()
    notes: list[str] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def refuse(self, what: str, hint: str) -> None:
        self.problems.append((what, hint))


def interaction_values(graph: GraphLike, mapping: GraphMapping, name: str) -> list[dict[str, Any]]:
    """The kinds of a property's values on interactions, with ``low`` and ``high`` of each."""
    found = graph.run(
        "adopt/interaction_values",
        type=mapping.interactions.type,
        users=list(mapping.users.label),
        items=list(mapping.items.label),
        name=name,
    ).rows
    for row in found:
        row["kind"] = row["valueType"].removesuffix(" NOT NULL")
    return [row for row in found if row["kind"] != "NULL"]
