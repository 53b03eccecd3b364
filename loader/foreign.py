"""What a database holds that reelgraph did not make: it is never deleted unasked, nor by halves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ..errors import InputError
from ..graph.connection import GraphLike
from ..graph.contract import OWN_TYPES, VECTOR_INDEXES
from ..graph.migrations import own_schema
from ..graph.unfinished import unfinished

_ROLES = (("User", "users"), ("Item", "items"), ("Entity", "entities"))
_SHOWN = 12

WAYS_OUT = (
    "Use another database (NEO4J_DATABASE, NEO4J_URI, or --workspace for a local server of its "
    "own); use this graph as it is (reelgraph adopt --help); or delete everything in it, "
    "whoever made it: --into-new --delete-everything, which asks first."
)


@dataclass(frozen=True)
class Foreign:
    """Counts by name; ``beside`` are nodes of a role, with its key, that no load wrote;
    ``marked`` are the data set's own nodes with a label that no load gave them;
    ``schema`` names constraints and indexes."""

    nodes: Mapping[str, int] = field(default_factory=dict)
    beside: Mapping[str, int] = field(default_factory=dict)
    marked: Mapping[str, int] = field(default_factory=dict)
    relationships: Mapping[str, int] = field(default_factory=dict)
    schema: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.nodes, self.beside, self.marked, self.relationships, self.schema))

    def __str__(self) -> str:
        return ", ".join(_shortened(list(self._parts())))

    def _parts(self) -> Iterator[str]:
        for labels, number in self.nodes.items():
            yield f"{_nodes(number)} ({labels})" if labels else f"{_nodes(number)} without a label"
        for label, number in self.beside.items():
            yield f"{_nodes(number)} (:{label}) that no load wrote"
        for label, number in self.marked.items():
            yield f"the label {label} on {number:,} of the data set's nodes"
        for name, number in self.relationships.items():
            yield f"{number:,} relationship{'s' if number > 1 else ''} [:{name}]"
        if self.schema:
            yield f"constraints or indexes {', '.join(_shortened(list(self.schema)))}"


def find_foreign(graph: GraphLike, schema: bool = False) -> Foreign:
    """What no load of reelgraph made, reading only.

    Where a data set was loaded, what it is made of is known: nodes by their keys in the
    ledgers, relationships by their types, labels by the data set's own node. Elsewhere
    nothing is ours.

    :param schema: constraints and indexes, too.
    """
    nodes = {
        "".join(f":{label}" for label in row["labels"]): row["nodes"]
        for row in graph.run("load/foreign_nodes").rows
    }
    marks = unfinished(graph)
    labels = graph.run("load/foreign_labels").rows
    types = [*OWN_TYPES, *(name for one in marks for name in one.types)]
    relationships = graph.run("load/foreign_relationships", types=types).rows
    return Foreign(
        nodes,
        # a load that repairs has forgotten its keys until it ends
        {} if any(one.kind in ("load", "add") for one in marks) else _beside(graph),
        {row["label"]: row["nodes"] for row in labels},
        {row["type"]: row["relationships"] for row in relationships},
        foreign_schema(graph) if schema else (),
    )


def refuse_foreign(found: Foreign) -> None:
    """:raises InputError: names what is there by label with counts, and the ways out."""
    if found:
        raise InputError(
            f"the database holds what reelgraph did not make: {found}. --into-new deletes only "
            "what reelgraph made, and nothing was deleted",
            WAYS_OUT,
        )


def foreign_schema(graph: GraphLike) -> tuple[str, ...]:
    """Names of constraints and indexes that are not ours; lookup indexes are the server's."""
    constraints, indexes = own_schema()
    ours = {*constraints, *indexes, *VECTOR_INDEXES}
    rows = graph.run("stats/indexes").rows
    return tuple(
        sorted(row["name"] for row in rows if row["type"] != "LOOKUP" and row["name"] not in ours)
    )


def _beside(graph: GraphLike) -> dict[str, int]:
    found = {}
    for role, ledger in _ROLES:
        row = graph.run("load/unrecorded_nodes", role=role, ledger=ledger).single()
        if row and row["nodes"]:
            found[role] = row["nodes"]
    return found


def _nodes(number: int) -> str:
    return f"{number:,} node{'s' if number != 1 else ''}"


def _shortened(parts: list[str]) -> list[str]:
    if len(parts) <= _SHOWN:
        return parts
    return [*parts[:_SHOWN], f"and {len(parts) - _SHOWN} more kinds"]
