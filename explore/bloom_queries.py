"""Search phrases and scene actions of Bloom: which there are, and whether they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .. import cypher
from ..graph.connection import GraphLike
from ..progress import ProgressBar
from .queries import Values, answers

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
    asked = [(f, one) for one in cypher.statements() for f in kept if one.id.startswith(f)]
    bar = ProgressBar(asked, desc="search phrases and scene actions", unit=" queries", leave=False)
    for folder, one in bar:
        if answers(graph, one, known):
            kept[folder].append(one)
        else:
            silent.append(one.id)
    return Tried(kept[PHRASES], kept[ACTIONS], silent, known)
