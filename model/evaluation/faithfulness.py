"""Whether an explanation is what a score rests on: take it away, and see what becomes of it.

Comprehensiveness and sufficiency of DeYoung et al., ACL 2020 ([ERASER]), here of a recommended
item's score: the history is asked about without the first k events of an order, or with these
alone. AOPC is the mean over k = 1 … ``most``. POS@n of Barkan et al. ([SPINRec]) is whether the
item is still among the first n. That a score is the sum of its evidence does not make the
evidence faithful: without an event, the network's states and the other weights change, too.

An order is an array of positions in the history, what counts most first.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from scipy.stats import kendalltau

from ..base import Model
from ..data import FloatArray, IntArray, Query
from ..explainers.asking import descending, only, places_of, scores_of, without

MOST = 5  # events that are taken away


def comprehensiveness(
    model: Model,
    queries: Sequence[Query],
    items: IntArray,
    orders: Sequence[IntArray],
    most: int = MOST,
    n: int = 10,
) -> tuple[FloatArray, FloatArray]:
    """AOPC per question, and POS@n: how often the item stays among the first ``n``.

    AOPC is by how much the item's score falls without the first 1 … ``most`` events; more is
    more faithful. POS@n is a share of the same ``most`` questions; less is more faithful. Items
    of the whole history are no candidates.

    :param items: ``(queries,)`` the item that each question is about.
    :param orders: an order of events per question.
    """
    whole = scores_of(model, queries, items)
    excluded = [query.items for query in queries]
    falls, stays = [], []
    for k in range(1, most + 1):
        asked = [without(query, order[:k]) for query, order in zip(queries, orders, strict=True)]
        scores, ranks = places_of(model, asked, items, excluded)
        falls.append(whole - scores)
        stays.append(ranks <= n)
    return np.mean(falls, axis=0), np.mean(stays, axis=0, dtype=np.float32)


def sufficiency(
    model: Model,
    queries: Sequence[Query],
    items: IntArray,
    orders: Sequence[IntArray],
    most: int = MOST,
) -> FloatArray:
    """AOPC per question: by how much the score falls with the first 1 … ``most`` events alone.

    Less is more faithful.
    """
    whole = scores_of(model, queries, items)
    falls = [
        whole
        - scores_of(
            model,
            [only(query, order[:k]) for query, order in zip(queries, orders, strict=True)],
            items,
        )
        for k in range(1, most + 1)
    ]
    mean: FloatArray = np.mean(falls, axis=0)
    return mean


def agreement(ones: Sequence[FloatArray], others: Sequence[FloatArray]) -> FloatArray:
    """Kendall's τ (b) of two ways to weigh the events, per question.

    NaN where a history is too short to be ordered, or all of its events weigh the same.
    """
    pairs = zip(ones, others, strict=True)
    return np.array([_tau(one, other) for one, other in pairs], np.float32)


def _tau(one: FloatArray, other: FloatArray) -> float:
    if len(one) < 2 or not np.ptp(one) or not np.ptp(other):
        return np.nan
    return float(kendalltau(one, other).statistic)


def overlap(several: Sequence[Sequence[IntArray]], most: int = MOST) -> FloatArray:
    """Jaccard's index of the first ``most`` events, the mean over pairs of explanations.

    :param several: orders per question, of each explanation.
    """

    def shared(one: IntArray, other: IntArray) -> float:
        first, second = set(one[:most].tolist()), set(other[:most].tolist())
        return len(first & second) / max(len(first | second), 1)

    pairs = list(combinations(range(len(several)), 2))
    return np.array(
        [
            np.mean([shared(found[a], found[b]) for a, b in pairs])
            for found in zip(*several, strict=True)
        ],
        np.float32,
    )


def orders_of(values: Sequence[FloatArray]) -> list[IntArray]:
    """The event that counts most first; of equal ones the later event."""
    return [descending(one) for one in values]


def most_recent(queries: Sequence[Query]) -> list[FloatArray]:
    """More for later events."""
    return [np.arange(len(query.items), dtype=np.float32) for query in queries]


def at_random(queries: Sequence[Query], seed: int) -> list[FloatArray]:
    """Anything, but the same for the same question."""
    return [
        np.random.default_rng([seed, *query.items.tolist()]).random(len(query.items), np.float32)
        for query in queries
    ]


def most_similar(
    queries: Sequence[Query], items: IntArray, vectors: FloatArray
) -> list[FloatArray]:
    """The cosine of the item's vector and those of the history's items.

    :param vectors: ``(N, dim)``, such as knowledge; items without one are similar to none.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1)
    return [unit[query.items] @ unit[item] for query, item in zip(queries, items, strict=True)]
