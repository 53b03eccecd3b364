"""Where walks go that begin at an item: a sparse row per item."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from ..data import FloatArray
from ..personalised_pagerank import personalised_pagerank
from ..similarities import largest


@dataclass(frozen=True)
class Kept:
    """What is kept of walks: at the first nodes, as many as ``factors`` has, the ``most`` largest.

    ``factors`` is what a node's probability is multiplied by.
    """

    factors: FloatArray
    most: int


def item_walks(
    arrivals: sparse.csr_array, items: int, damping: float, tolerance: float, *asked: Kept
) -> list[sparse.csr_array]:
    """A matrix ``(items, nodes of factors)`` for each that is asked; items are the first nodes."""
    begun = sparse.eye_array(items, arrivals.shape[0], format="csr", dtype=np.float32)
    found: list[list[sparse.csr_array]] = [[] for _ in asked]
    for _, reached in personalised_pagerank(arrivals, begun, damping, tolerance):
        for rows, one in zip(found, asked, strict=True):
            rows.append(largest(reached[:, : len(one.factors)] * one.factors, one.most))
    return [sparse.csr_array(sparse.vstack(rows, format="csr")) for rows in found]
