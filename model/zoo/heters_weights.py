"""The weights of HeteRS's edge types, chosen by what ranks valid best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..data import FloatArray
from ..histories import query_matrix, row_means
from ..personalised_pagerank import arrivals, personalised_pagerank
from ..targets import Asked
from ..training.on_valid import sums_of_rr
from ..typed_graph import TypedGraph

TRIED = (0.0, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # weights of a relation, where interactions have 1
_ASKED = 400  # questions of valid, evenly

Figure = Callable[[FloatArray], float]


@dataclass(frozen=True)
class WalkOptions:
    """How walks are made into scores: see :mod:`.heters`."""

    damping: float
    tolerance: float
    discounts: FloatArray  # (items,): what the probability of an item is multiplied by


def choose_weights(
    graph: TypedGraph, asked: Asked, options: WalkOptions, searched: int, first: FloatArray
) -> FloatArray:
    """The weights after one round of a search by coordinates, from ``first`` on: ``(types,)``.

    All relations get the one value of :data:`TRIED` that ranks valid best. Then each of the
    ``searched`` relations with most edges, most first, gets its own, the others staying as they
    are. A value is taken where ΣRR@10 becomes higher, so of equal ones the earlier stays; relations
    with ``first`` other than NaN keep that.
    """
    free = np.flatnonzero(np.isnan(first))
    weights = np.where(np.isnan(first), 1, first).astype(np.float32)
    if not len(free):
        return weights
    part = asked.some(_ASKED)

    def figure(tried: FloatArray) -> float:
        return _figure(graph, part, options, tried)

    best = figure(weights)
    weights, best = _better(figure, weights, best, free)
    order = free[np.argsort(-graph.counts[free], kind="stable")]
    for one in order[:searched].tolist():
        weights, best = _better(figure, weights, best, [one])
    return weights


def _better(
    figure: Figure, weights: FloatArray, best: float, places: Sequence[int] | np.ndarray
) -> tuple[FloatArray, float]:
    """The weights with the best value at some places, and their figure."""
    found = weights
    for value in TRIED:
        tried = weights.copy()
        tried[places] = value
        if not np.array_equal(tried, weights) and (now := figure(tried)) > best:
            found, best = tried, now
    return found, best


def _figure(graph: TypedGraph, asked: Asked, options: WalkOptions, weights: FloatArray) -> float:
    """ΣRR@10 on questions of valid."""
    sources = row_means(query_matrix(asked.queries, graph.nodes))
    walks = personalised_pagerank(
        arrivals(graph.weighted(weights)), sources, options.damping, options.tolerance
    )
    parts = ((asked[part], [pi[:, : graph.items] * options.discounts]) for part, pi in walks)
    return float(sums_of_rr(parts, 1)[0]) / len(asked.queries)
