"""Personalised PageRank by sparse power iteration, of many sources at once and some at a time.

With the probabilities ``P`` ``(nodes, nodes)`` of the next step, ``d`` that of walking on, and a
distribution ``s`` of where walks begin, ``π = (1 - d) s + d Pᵀ π = (1 - d) Σ_k d^k (Pᵀ)^k s``
([PageRank], with the jump always back to ``s``). It is linear in ``s``: that of a history is the
mean of those of its items. A walk ends at a node without edges, so its ``π`` has a sum below 1.

``gds.pageRank`` with ``sourceNodes`` begins at each of ``n`` sources with ``1 - d`` instead of
``(1 - d) / n``, and loses what comes to a node without edges, too: its scores are ``n π``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from scipy import sparse

from .data import FloatArray

CELLS = 2**23  # of all nodes beside some sources, worked on at once


def arrivals(weights: sparse.csr_array) -> sparse.csr_array:
    """``Pᵀ`` of edges with weights: a step along an edge is as likely as its weight is large.

    :param weights: ``(nodes, nodes)``, from rows to columns, none of them negative.
    """
    totals = np.asarray(weights.sum(axis=1), np.float64).ravel()
    shares = np.repeat(1 / np.where(totals > 0, totals, 1), np.diff(weights.indptr))
    data = (weights.data * shares).astype(np.float32)
    steps = sparse.csr_array((data, weights.indices, weights.indptr), shape=weights.shape)
    return sparse.csr_array(steps.T)


def steps_needed(damping: float, tolerance: float) -> int:
    """Steps after which the rest of a walk has a probability of at most ``tolerance``.

    >>> steps_needed(0.5, 0.125), steps_needed(0.5, 0.1)
    (3, 4)
    """
    return max(1, math.ceil(math.log(tolerance) / math.log(damping) - 1e-9))


def personalised_pagerank(
    arrivals: sparse.csr_array, sources: sparse.csr_array, damping: float, tolerance: float
) -> Iterator[tuple[slice, FloatArray]]:
    """``π`` of each row of ``sources``, some rows at a time: which rows, and ``(rows, nodes)``.

    The number of steps follows from ``damping`` and ``tolerance`` alone, so what is asked beside a
    row does not change it.

    :param arrivals: ``Pᵀ``, as :func:`arrivals` makes it.
    :param sources: ``s``, ``(rows, nodes)``; each row adds up to 1, or is empty.
    :param tolerance: by how much the sum of a row of ``π`` may be too small.
    """
    rows, nodes = sources.shape
    size = max(1, CELLS // max(nodes, 1))
    step = np.float32(damping) * arrivals
    for start in range(0, rows, size):
        part = slice(start, min(start + size, rows))
        begun = np.float32(1 - damping) * sources[part].toarray().T.astype(np.float32)
        found = begun
        for _ in range(steps_needed(damping, tolerance) - 1):
            found = begun + step @ found
        yield part, found.T
