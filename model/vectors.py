"""Vectors whose inner products are scores, and how a history's weight is shared."""

from __future__ import annotations

import numpy as np

from .base import Vectors
from .data import FloatArray, IntArray


def of_one_length(users: FloatArray, items: FloatArray) -> Vectors:
    """The same inner products, with item vectors of one length.

    A last coordinate fills each item's vector up to the longest one, and is 0 in those of users,
    so that a vector index by cosine gives the order of the scores (Bachrach et al., RecSys 2014).

    :param users: ``(queries, dim)``; ``items`` is ``(items, dim)``. Both get one more.
    """
    squares = (items.astype(np.float64) ** 2).sum(axis=1)
    rest = np.sqrt(np.maximum(squares.max(initial=0.0) - squares, 0))
    return Vectors(
        np.column_stack([users, np.zeros(len(users))]).astype(np.float32),
        np.column_stack([items, rest]).astype(np.float32),
    )


def share_of_history(items: IntArray) -> FloatArray:
    """1 for each event of a history, 0 for those whose item comes again later."""
    counts = np.zeros(len(items), np.float32)
    _, last = np.unique(items[::-1], return_index=True)
    counts[len(items) - 1 - last] = 1
    return counts
