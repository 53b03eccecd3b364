"""What users without history get: the items with most events among those that the fit read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .base import Model, Ranking, rank
from .data import IntArray, Interactions, Query

FALLBACK = "most popular"


def recommend(
    model: Model,
    queries: Sequence[Query],
    n: int,
    exclude: Sequence[IntArray] | None,
    read: Interactions,
) -> Ranking:
    """Top ``n`` of each query by the model; of those without history by popularity.

    :param exclude: as in :meth:`~.base.Model.recommend`.
    :param read: the rows that the model was fitted on.
    """
    cold = [row for row, query in enumerate(queries) if not len(query.items)]
    warm = [row for row, query in enumerate(queries) if len(query.items)]
    if not cold:
        return model.recommend(queries, n, exclude)
    excluded = [query.items for query in queries] if exclude is None else exclude
    found = most_popular(read, n, [excluded[row] for row in cold])
    items = np.full((len(queries), found.items.shape[1]), -1, np.int64)
    scores = np.full(items.shape, -np.inf, np.float32)
    items[cold], scores[cold] = found.items, found.scores
    if warm:
        by_model = model.recommend(
            [queries[row] for row in warm], n, [excluded[row] for row in warm]
        )
        items[warm], scores[warm] = by_model.items, by_model.scores
    return Ranking(items, scores)


def most_popular(read: Interactions, n: int, exclude: Sequence[IntArray]) -> Ranking:
    """The items with most events, a list for each of ``exclude``; the score is their number."""
    counts = np.bincount(read.items, minlength=len(read.catalogue)).astype(np.float32)
    return rank(np.tile(counts, (len(exclude), 1)), n, exclude)
