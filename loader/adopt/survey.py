"""What a live graph consists of: label sets, properties and ends, by counting and sampling."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...graph.connection import GraphLike
from ...graph.contract import OWN_LABELS, OWN_TYPES
from .checks import kinds_of

_OWN = {*OWN_LABELS, "__Load", "__Lock", "__Migration"}


@dataclass(frozen=True)
class Property:
    """A property of a label or type: on how many it was seen, and the kinds of its values."""

    name: str
    found: int
    kinds: tuple[str, ...]
    low: Any = None
    high: Any = None


@dataclass(frozen=True)
class Ends:
    """Between which label sets a type leads, as far as the sample shows, and how many there are."""

    type: str
    relationships: int
    starts: tuple[frozenset[str], ...]
    ends: tuple[frozenset[str], ...]


@dataclass
class Survey:
    """``nodes`` by label set; ``properties`` by label; ``types`` in the order of their names."""

    nodes: dict[frozenset[str], int] = field(default_factory=dict)
    properties: dict[str, list[Property]] = field(default_factory=dict)
    types: list[Ends] = field(default_factory=list)

    def count(self, label: str) -> int:
        return sum(number for labels, number in self.nodes.items() if label in labels)

    def common(self, label: str, other: str) -> int:
        """Nodes that have both labels."""
        return sum(number for labels, number in self.nodes.items() if {label, other} <= labels)

    def between(self, kind: Ends) -> str:
        """``(User)-[RATED]->(Movie)``, for comments."""
        start, end = ("|".join(sorted(set().union(*part))) for part in (kind.starts, kind.ends))
        return f"({start})-[{kind.type}]->({end})"


def survey(graph: GraphLike) -> Survey:
    """Look at the whole graph, reading only; what reelgraph wrote itself is left out."""
    found = Survey()
    for row in graph.run("adopt/label_sets").rows:
        labels = frozenset(row["labels"]) - _OWN
        if labels:
            found.nodes[labels] = found.nodes.get(labels, 0) + row["nodes"]
    for row in graph.run("adopt/node_properties").rows:
        kinds = tuple(kinds_of(row["types"]))
        listed = found.properties.setdefault(row["label"], [])
        listed.append(Property(row["name"], row["nodes"], kinds))
    ends: dict[str, list[dict[str, Any]]] = {}
    for row in graph.run("adopt/ends").rows:
        if row["type"] not in OWN_TYPES:
            ends.setdefault(row["type"], []).append(row)
    for name, rows in ends.items():
        starts, stops = (
            tuple(dict.fromkeys(frozenset(row[end]) - _OWN for row in rows))
            for end in ("starts", "ends")
        )
        found.types.append(Ends(name, rows[0]["relationships"], starts, stops))
    return found


def relationship_properties(graph: GraphLike, name: str) -> list[Property]:
    """The properties of a type, one for each kind of value, the most frequent kind first."""
    rows = graph.run("adopt/relationship_properties", type=name).rows
    return [
        Property(
            row["name"],
            row["found"],
            (row["valueType"].removesuffix(" NOT NULL"),),
            row["low"],
            row["high"],
        )
        for row in rows
    ]
