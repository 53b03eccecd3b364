"""A query's vector from its history, as pairwise ranking ([BPR]) would learn it.

From 0, with the items as they are, 20 descent steps minimise, over the history S,
``Σ_{i ∈ S} (mean over negatives j of -ln σ(x_i - x_j) + λ/2 |p|²)`` with ``x_i = p·q_i + b_i``,
which is convex. The negatives are the same for all queries, drawn once by the seed; those that
are in the history are left out. Without a history, ``p`` is 0 and the biases rank.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.special import expit

from .data import FloatArray, IntArray

STEPS = 20  # of a query's descent
CELLS = 2**22  # of histories beside negatives, and of curvatures, at once
_LEAST = 1e-4  # of λ, so that the descent has an end
_NEGATIVES = 128  # that a query's history is compared with


def drawn_negatives(items: IntArray, seed: int) -> IntArray:
    """At most 128 of some items, in their order."""
    chosen = np.random.default_rng(seed).permutation(len(items))[:_NEGATIVES]
    return np.sort(items[chosen]).astype(np.int64)


def longest_user(reg: float) -> float:
    """What no ``p`` is longer than where all biases are 0.

    At ``p = 0`` the loss is then ``|S| ln 2``, and the descent never raises it; the penalty alone
    is ``|S| λ/2 |p|²``.
    """
    return math.sqrt(2 * math.log(2) / max(reg, _LEAST))


@dataclass(frozen=True)
class PairwiseFoldIn:
    """``items`` ``(items, factors + 1)`` are vectors with the bias in the last column.

    ``negatives`` are indices of items, ``reg`` is λ.
    """

    items: FloatArray
    negatives: IntArray
    reg: float

    def users(self, history: sparse.csr_array) -> FloatArray:
        """``p`` and a 1 for the bias, for each row: ``(queries, factors + 1)``."""
        found = np.zeros((history.shape[0], self.items.shape[1]), np.float32)
        found[:, -1] = 1
        lengths = np.diff(history.indptr)
        order = np.argsort(lengths, kind="stable")
        order = order[lengths[order] > 0]
        while len(order):  # of nearly equal lengths, the shortest first
            cells = np.maximum(lengths[order] * len(self.negatives), self.items.shape[1] ** 2)
            fit = cells * np.arange(1, len(order) + 1) <= CELLS
            size = max(1, int(np.count_nonzero(fit)))
            part, order = order[:size], order[size:]
            found[part, :-1] = self._fold_in(history[part])
        return found

    def _fold_in(self, history: sparse.csr_array) -> FloatArray:
        """``p`` of histories, none of them empty: ``(queries, factors)``.

        The curvature of ``-ln σ`` is at most 1/4, so steps by the inverse of that bound never
        raise the loss (Böhning and Lindsay, 1988).
        """
        liked, given = self._padded(history)
        others = self.items[self.negatives]
        kept = 1 - history[:, self.negatives].toarray()
        kept /= np.maximum(kept.sum(axis=1, keepdims=True), 1)
        reg = np.float32(max(self.reg, _LEAST)) * given.sum(axis=1)
        inverse = np.linalg.inv(_bound(liked[..., :-1], given, others[:, :-1], kept, reg))
        p = np.zeros((len(given), others.shape[1] - 1), np.float32)
        for _ in range(STEPS):
            of_liked = np.matmul(liked[..., :-1], p[..., None])[..., 0] + liked[..., -1]
            of_others = p @ others[:, :-1].T + others[:, -1]
            pull = expit(of_others[:, None] - of_liked[..., None]) * given[..., None]
            pull *= kept[:, None]
            towards = np.matmul(pull.sum(2)[:, None], liked[..., :-1])[:, 0]
            gradient = reg[:, None] * p - towards + pull.sum(1) @ others[:, :-1]
            p -= np.matmul(inverse, gradient[..., None])[..., 0]
        return p

    def _padded(self, history: sparse.csr_array) -> tuple[FloatArray, FloatArray]:
        """Item vectors ``(queries, longest, factors + 1)`` and ones where there is an item."""
        lengths = np.diff(history.indptr)
        given = np.arange(lengths.max()) < lengths[:, None]
        items = np.zeros(given.shape, np.int64)
        items[given] = history.indices
        return self.items[items] * given[..., None], given.astype(np.float32)


def _bound(
    liked: FloatArray, given: FloatArray, others: FloatArray, kept: FloatArray, reg: FloatArray
) -> FloatArray:
    """An upper bound of the loss's second derivative: ``(queries, factors, factors)``.

    ``Σ_i Σ_j w_j (q_i - q_j)(q_i - q_j)ᵀ / 4 + λ``, by the sums of its four products.

    :param liked: ``(queries, longest, factors)``, zeros where ``given`` is 0; ``others`` is
        ``(negatives, factors)``, ``kept`` their weights ``(queries, negatives)``.
    """
    count = given.sum(axis=1)[:, None, None]
    weight = kept.sum(axis=1)[:, None, None]
    squares = weight * np.matmul(liked.transpose(0, 2, 1), liked)
    outer = (others[:, :, None] * others[:, None]).reshape(len(others), -1)
    squares += count * (kept @ outer).reshape(squares.shape)
    cross = liked.sum(axis=1)[:, :, None] * (kept @ others)[:, None]
    squares -= cross + cross.transpose(0, 2, 1)
    ridge = reg[:, None, None] * np.eye(liked.shape[2], dtype=np.float32)
    return np.asarray(squares / 4 + ridge, np.float32)
