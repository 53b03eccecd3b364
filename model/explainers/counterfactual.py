"""What would be otherwise without some events."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..base import Model
from ..data import FloatArray, IntArray, Query
from .asking import falls_without_each, places_of, without
from .base import Explainer


class Counterfactual(Explainer):
    """By how much the score falls without each event alone (leave-one-out)."""

    name = "counterfactual"
    description = "by how much the score falls without each event alone"

    def contributions(
        self, model: Model, queries: Sequence[Query], items: IntArray
    ) -> list[FloatArray]:
        return falls_without_each(model, queries, items)


def greedy(
    model: Model, queries: Sequence[Query], items: IntArray, most: int = 5
) -> list[IntArray]:
    """The event without which the score is lowest; without it, the next; ``most`` of them."""
    left = [np.arange(len(query.items)) for query in queries]
    orders: list[list[int]] = [[] for _ in queries]
    for _ in range(most):
        asked = [n for n, events in enumerate(left) if len(events)]
        if not asked:
            break
        changed = [without(queries[n], np.array(orders[n], np.int64)) for n in asked]
        for n, falls in zip(asked, falls_without_each(model, changed, items[asked]), strict=True):
            worst = int(np.argmax(falls))
            orders[n].append(int(left[n][worst]))
            left[n] = np.delete(left[n], worst)
    return [np.array(order, np.int64) for order in orders]


def minimal_set(
    model: Model, query: Query, item: int, n: int = 10, most: int = 10
) -> IntArray | None:
    """Few events without which the item is not among the first ``n``; positions, or None.

    Events are taken away greedily until the item is out of the list, and then put back one by
    one as long as it stays out: of what is left, each is needed. Items of the whole history
    are no candidates. None where ``most`` events are not enough.
    """

    def is_out(gone: IntArray) -> bool:
        asked = [without(query, gone)]
        return int(places_of(model, asked, np.array([item]), [query.items])[1][0]) > n

    order = greedy(model, [query], np.array([item]), most)[0]
    size = next((k for k in range(1, len(order) + 1) if is_out(order[:k])), None)
    if size is None:
        return None
    gone = order[:size]
    for event in gone[:-1].tolist():  # the last one was needed
        fewer = gone[gone != event]
        if is_out(fewer):
            gone = fewer
    return gone
