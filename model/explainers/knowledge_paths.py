"""Events that are tied to the item by knowledge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from ..base import Model
from ..data import FloatArray, IntArray, Query
from ..needs import Need, TriplesNeed
from ..triples import Triples
from .base import Explainer

_TRIPLES = TriplesNeed()


@dataclass(frozen=True)
class Tie:
    """What joins two items: an entity with its relation to each, or a relation alone."""

    entity: int | None
    here: int
    there: int


class Ties:
    """What items share, by the triples, as the graph's queries tell it.

    An entity that most items have tells nothing and is left out.

    :param items: nodes ``0 … items - 1`` are items, the others entities.
    """

    def __init__(self, triples: Triples, items: int) -> None:
        self.items = items
        self._facts: list[dict[int, int]] = [{} for _ in range(items)]
        self._direct: dict[tuple[int, int], int] = {}
        self._uses: dict[int, int] = {}
        for head, relation, tail in triples.rows.tolist():
            self._add(head, relation, tail)

    def _add(self, head: int, relation: int, tail: int) -> None:
        if head < self.items and tail < self.items:
            self._direct.setdefault((head, tail), relation)
            self._direct.setdefault((tail, head), relation)
            return
        item, entity = (head, tail) if head < self.items else (tail, head)
        if item < self.items and entity not in self._facts[item]:
            self._facts[item][entity] = relation
            self._uses[entity] = self._uses.get(entity, 0) + 1

    def between(self, item: int, other: int) -> list[Tie]:
        """What joins two items, the rarest first; a direct relation before all."""
        here, there = self._facts[item], self._facts[other]
        shared = [one for one in here.keys() & there.keys() if 2 * self._uses[one] <= self.items]
        shared.sort(key=lambda one: (self._uses[one], one))
        direct = self._direct.get((item, other))
        first = [] if direct is None or item == other else [Tie(None, direct, direct)]
        return first + [Tie(one, here[one], there[one]) for one in shared]

    def weight(self, tie: Tie) -> float:
        """How telling it is: the logarithm of how many times more items there are than with it."""
        return float(
            np.log(self.items / self._uses[tie.entity] if tie.entity is not None else self.items)
        )


class KnowledgePaths(Explainer):
    """Events by what they share with the item; it does not ask the model."""

    name = "knowledge-paths"
    description = "what each event shares with the item in the knowledge graph, rare things first"

    @classmethod
    def needs(cls) -> tuple[Need[Any], ...]:
        return (_TRIPLES,)

    @cache  # noqa: B019 — an explainer lives as long as its ties
    def ties(self, items: int) -> Ties:
        return Ties(self.supplied[_TRIPLES], items)

    def contributions(
        self, model: Model, queries: Sequence[Query], items: IntArray
    ) -> list[FloatArray]:
        ties = self.ties(len(model.catalogue))
        return [
            np.array(
                [
                    sum(ties.weight(tie) for tie in ties.between(int(item), event))
                    for event in query.items.tolist()
                ],
                np.float32,
            )
            for query, item in zip(queries, items, strict=True)
        ]
