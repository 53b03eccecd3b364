"""What a graph consists of, as those need it who draw it: labels, types and their properties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..graph.connection import GraphLike
from ..graph.contract import OWN_LABELS, OWN_TYPES, RESULT_TYPES, ROLE_LABELS

SAMPLE = 2_000  # nodes or relationships of each label or type that are looked at

Kinds = Mapping[str, tuple[str, ...]]  # of a property's values, as valueType() names them


@dataclass(frozen=True)
class Label:
    """A label; ``roles`` are those of User, Item and Entity that its nodes have, too."""

    name: str
    nodes: int
    roles: frozenset[str]
    properties: Kinds

    @property
    def is_own(self) -> bool:
        """Whether reelgraph itself writes such nodes, as bookkeeping or results."""
        return self.name in OWN_LABELS or self.name.startswith("__")

    @property
    def is_role(self) -> bool:
        return self.name in ROLE_LABELS


@dataclass(frozen=True)
class RelationshipType:
    """A relationship type, with the pairs of labels that it leads from and to."""

    name: str
    ends: frozenset[tuple[str, str]]
    properties: Kinds

    @property
    def is_own(self) -> bool:
        return self.name in OWN_TYPES and self.name not in RESULT_TYPES


@dataclass(frozen=True)
class LiveSchema:
    """Labels and types that the graph has now, the most frequent label first."""

    labels: tuple[Label, ...]
    types: tuple[RelationshipType, ...]
    interaction_type: str
    rating_scale: float | None

    def label(self, name: str) -> Label | None:
        return next((one for one in self.labels if one.name == name), None)


def read_schema(graph: GraphLike) -> LiveSchema:
    """Read labels, types and the kinds of their values; of each a sample is looked at."""
    dataset = graph.run("explore/dataset").single() or {}
    return LiveSchema(
        labels=_labels(graph),
        types=_types(graph),
        interaction_type=dataset["interactionType"],
        rating_scale=dataset["ratingScale"],
    )


def _labels(graph: GraphLike) -> tuple[Label, ...]:
    nodes: dict[str, int] = {}
    roles: dict[str, set[str]] = {}
    for row in graph.run("adopt/label_sets").rows:
        for name in row["labels"]:
            nodes[name] = nodes.get(name, 0) + row["nodes"]
            roles.setdefault(name, set()).update(set(row["labels"]) & set(ROLE_LABELS))
    properties: dict[str, dict[str, tuple[str, ...]]] = {}
    for row in graph.run("adopt/node_properties", sample=SAMPLE).rows:
        properties.setdefault(row["label"], {})[row["name"]] = _kinds(row["types"])
    found = sorted(nodes, key=lambda name: (-nodes[name], name))
    return tuple(
        Label(name, nodes[name], frozenset(roles[name]), properties.get(name, {})) for name in found
    )


def _types(graph: GraphLike) -> tuple[RelationshipType, ...]:
    found = graph.run("explore/ends").single() or {"relationships": []}
    ends: dict[str, set[tuple[str, str]]] = {}
    for start, name, end in found["relationships"]:
        ends.setdefault(name, set()).add((start["name"], end["name"]))
    return tuple(
        RelationshipType(name, frozenset(pairs), _properties(graph, name))
        for name, pairs in sorted(ends.items())
    )


def _properties(graph: GraphLike, kind: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for row in graph.run("adopt/relationship_properties", type=kind, sample=SAMPLE).rows:
        found.setdefault(row["name"], []).append(row["valueType"])
    return {name: _kinds(types) for name, types in found.items()}


def _kinds(types: Iterable[Any]) -> tuple[str, ...]:
    """``INTEGER``, ``LIST<FLOAT>`` …, without what says that nulls are not among them."""
    return tuple(sorted({str(one).replace(" NOT NULL", "") for one in types}))
