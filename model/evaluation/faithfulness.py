"""Whether evidence is what a score rests on: take it away, and see how far the score falls.

Comprehensiveness of DeYoung et al., ACL 2020 ([ERASER]), here of a recommended item's score:
the history is asked about without the first k events of an order of evidence. AOPC is the mean
fall over k = 1 … ``most``. That a score is the sum of its evidence does not make it so: without
an event, the network's states and the other weights change, too.

An order is an array of positions in the history, what counts most first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..base import Evidence, Model
from ..data import FloatArray, IntArray, Query

_AT_ONCE = 4096  # questions


def without(query: Query, positions: IntArray) -> Query:
    """The same question with these events of the history gone."""
    kept = np.delete(np.arange(len(query.items)), positions)
    return replace(
        query,
        items=query.items[kept],
        ratings=None if query.ratings is None else query.ratings[kept],
        timestamps=None if query.timestamps is None else query.timestamps[kept],
    )


def scores_of(model: Model, queries: Sequence[Query], items: IntArray) -> FloatArray:
    """The score of one item per question, ``(queries,)``."""
    found = []
    for start in range(0, len(queries), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        scores = model.score(queries[part])
        found.append(scores[np.arange(len(scores)), items[part]])
    return np.concatenate(found) if found else np.zeros(0, np.float32)


def comprehensiveness(
    model: Model,
    queries: Sequence[Query],
    items: IntArray,
    orders: Sequence[IntArray],
    most: int = 5,
) -> FloatArray:
    """AOPC per question: by how much the item's score falls without the first 1 … ``most``.

    :param items: ``(queries,)`` the item that each question is about.
    :param orders: an order of evidence per question.
    """
    whole = scores_of(model, queries, items)
    falls = [
        whole
        - scores_of(
            model,
            [without(query, order[:k]) for query, order in zip(queries, orders, strict=True)],
            items,
        )
        for k in range(1, most + 1)
    ]
    mean: FloatArray = np.mean(falls, axis=0)
    return mean


def by_contribution(evidence: Sequence[Evidence]) -> list[IntArray]:
    """Largest contribution to the first candidate first; of equal ones the later event."""
    return [_descending(one.contributions[0]) for one in evidence]


def most_recent(queries: Sequence[Query]) -> list[IntArray]:
    return [np.arange(len(query.items))[::-1] for query in queries]


def at_random(queries: Sequence[Query], seed: int) -> list[IntArray]:
    drawn = np.random.default_rng(seed)
    return [drawn.permutation(len(query.items)) for query in queries]


def most_similar(queries: Sequence[Query], items: IntArray, vectors: FloatArray) -> list[IntArray]:
    """By the cosine of the item's vector and those of the history's items.

    :param vectors: ``(N, dim)``, such as knowledge; items without one are similar to none.
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1)
    return [
        _descending(unit[query.items] @ unit[item])
        for query, item in zip(queries, items, strict=True)
    ]


def leave_one_out(model: Model, queries: Sequence[Query], items: IntArray) -> list[IntArray]:
    """By how much the score falls without each event alone."""
    return [_descending(-_each_left_out(model, q, i)) for q, i in zip(queries, items, strict=True)]


def greedy(
    model: Model, queries: Sequence[Query], items: IntArray, most: int = 5
) -> list[IntArray]:
    """The event without which the score is lowest; without it, the next; ``most`` of them."""
    return [_greedy(model, q, i, most) for q, i in zip(queries, items, strict=True)]


def _greedy(model: Model, query: Query, item: int, most: int) -> IntArray:
    left = np.arange(len(query.items))
    order: list[int] = []
    while len(left) and len(order) < most:
        worst = int(np.argmin(_each_left_out(model, query, item)))
        order.append(int(left[worst]))
        query, left = without(query, np.array([worst])), np.delete(left, worst)
    return np.array(order, np.int64)


def _each_left_out(model: Model, query: Query, item: int) -> FloatArray:
    """The item's score without each of the events, ``(history,)``."""
    events = range(len(query.items))
    asked = [without(query, np.array([event])) for event in events]
    return scores_of(model, asked, np.full(len(asked), item))


def _descending(values: FloatArray) -> IntArray:
    last = len(values) - 1
    return last - np.argsort(-values[::-1], kind="stable")
