"""The change of the score along paths from an empty history to the whole one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..base import Model
from ..data import FloatArray, IntArray, Query
from .asking import only, scores_of
from .base import Explainer

_PATHS = 32
_STEPS = 24  # per path


class PathIntegration(Explainer):
    """Path integration that asks for scores alone.

    After [SPINRec], which integrates a model's gradient along paths between two histories. Here
    a path begins at the empty history and adds events in a random order until all are there, in
    at most 24 steps; an event's part is the change of the score at its step, shared by the
    events of that step, and the mean over 32 paths. Each path's parts add up to the score less
    that of the empty history. With one event per step it is Shapley's value by sampled orders.
    """

    name = "path-integration"
    description = "the change of the score while the history's events are added, over random orders"

    def contributions(
        self, model: Model, queries: Sequence[Query], items: IntArray
    ) -> list[FloatArray]:
        steps = [
            _steps(self._orders(query, int(item)))
            for query, item in zip(queries, items, strict=True)
        ]
        asked = [
            only(query, events)
            for query, paths in zip(queries, steps, strict=True)
            for path in paths
            for events in _grown(path)
        ]
        sizes = [sum(len(path) + 1 for path in paths) for paths in steps]
        scores = np.split(scores_of(model, asked, np.repeat(items, sizes)), np.cumsum(sizes)[:-1])
        return [
            _mean(len(query.items), paths, found)
            for query, paths, found in zip(queries, steps, scores, strict=True)
        ]

    def _orders(self, query: Query, item: int) -> list[IntArray]:
        drawn = np.random.default_rng([self.seed, item, *query.items.tolist()])
        return [drawn.permutation(len(query.items)) for _ in range(_PATHS)]


def _steps(orders: Sequence[IntArray]) -> list[list[IntArray]]:
    """Each order in at most ``_STEPS`` parts of about the same size."""
    return [np.array_split(order, min(_STEPS, max(len(order), 1))) for order in orders]


def _grown(path: Sequence[IntArray]) -> list[IntArray]:
    """The events that are there after 0, 1, … steps."""
    return [np.concatenate([np.zeros(0, np.int64), *path[:n]]) for n in range(len(path) + 1)]


def _mean(events: int, paths: Sequence[Sequence[IntArray]], scores: FloatArray) -> FloatArray:
    """The mean over paths of each event's part.

    :param scores: of one path's histories after the other.
    """
    found, at = np.zeros(events, np.float32), 0
    for path in paths:
        changes = np.diff(scores[at : at + len(path) + 1])
        at += len(path) + 1
        for added, change in zip(path, changes, strict=True):
            found[added] += change / max(len(added), 1)
    found /= len(paths)
    return found
