"""Histories of queries one after the other, with what their ratings are from the mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .data import IntArray, Query
from .vectors import share_of_history

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RatedEvents:
    """Events of queries, one after the other, of each item the last; all as ``(events,)``.

    Query ``n`` has events ``offsets[n]:offsets[n + 1]``; ``rest`` is ``r - μ``, ``having`` is
    1 / √n. Queries without ratings have ``rated`` 0.
    """

    offsets: IntArray
    owners: IntArray
    items: IntArray
    rest: Floats
    rated: npt.NDArray[np.bool_]
    having: Floats

    @classmethod
    def of(cls, queries: Sequence[Query], mean: float) -> Self:
        kept = [share_of_history(query.items) > 0 for query in queries]
        items = [query.items[last] for query, last in zip(queries, kept, strict=True)]
        lengths = np.array([len(one) for one in items], np.int64)
        rest = [
            np.zeros(len(own)) if query.ratings is None else query.ratings[last] - mean
            for query, own, last in zip(queries, items, kept, strict=True)
        ]
        rated = np.array([query.ratings is not None for query in queries], bool)
        return cls(
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            np.repeat(np.arange(len(queries)), lengths),
            np.concatenate([*items, np.zeros(0, np.int64)]),
            np.concatenate([*rest, np.zeros(0)]),
            np.repeat(rated, lengths),
            np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths),
        )

    def sums(self, values: Floats) -> Floats:
        """Sums over the events of each query: ``(queries, columns)``."""
        ones = np.ones(len(values))
        of_query = sparse.csr_array(
            (ones, np.arange(len(values)), self.offsets), (len(self.offsets) - 1, len(values))
        )
        return np.asarray(of_query @ values)
