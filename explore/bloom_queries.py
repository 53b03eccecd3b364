"""Search phrases and scene actions of Bloom: which there are, and whether they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .. import cypher
from ..graph.connection import GraphLike
from .queries import Values

PHRASES, ACTIONS = "bloom/phrases/", "bloom/actions/"


@dataclass(frozen=True)
class Tried:
    """Those that have rows in a graph, and ids of those that have none."""

    phrases: Sequence[cypher.Statement]
    actions: Sequence[cypher.Statement]
    silent: Sequence[str]
    values: Mapping[str, object]


def try_all(graph: GraphLike, values: Values) -> Tried:
    """Run each phrase and action once, about the user and the item that queries are about.

    :raises CypherError: when one cannot run.
    """
    row = graph.run("bloom/values", user=values["userId"]).single() or {}
    known = {"user": values["userId"], **row}
    kept: dict[str, list[cypher.Statement]] = {PHRASES: [], ACTIONS: []}
    silent = []
    for one in cypher.statements():
        for folder, found in kept.items():
            if one.id.startswith(folder):
                if _answers(graph, one, known):
                    found.append(one)
                else:
                    silent.append(one.id)
    return Tried(kept[PHRASES], kept[ACTIONS], silent, known)


def _answers(graph: GraphLike, query: cypher.Statement, known: Mapping[str, object]) -> bool:
    """False also where the graph has nothing to ask about, such as items without a year."""
    asked = {one.name: known.get(one.name) for one in query.parameters}
    if any(value is None or value == [] for value in asked.values()):
        return False
    return bool(graph.run(query.id, **asked).rows)
