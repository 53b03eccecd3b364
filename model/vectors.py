"""Vectors whose inner products are scores, and what each event of a history adds to a score."""

from __future__ import annotations

import numpy as np

from .base import Evidence, Vectors
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


def evidence_of_parts(parts: FloatArray, counts: FloatArray, bias: FloatArray) -> Evidence:
    """Evidence of scores that are sums over a history.

    What weighs is the mean size of an event's part over the candidates; without candidates, or
    where all parts are 0, each event that counts weighs the same.

    :param parts: ``(candidates, history)``; ``counts`` are those of :func:`share_of_history`.
    :param bias: ``(candidates,)``, what the parts lack of the scores.
    """
    sizes = np.abs(parts).mean(axis=0) if len(parts) else counts
    weights = sizes / sizes.sum() if sizes.sum() > 0 else counts / max(counts.sum(), 1)
    return Evidence(weights, parts, bias)
