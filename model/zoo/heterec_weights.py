"""The weights of HeteRec's meta-paths, by pairwise ranking, and clusters of users."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import torch
from scipy import sparse
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.cluster import KMeans
from threadpoolctl import threadpool_limits

from ..data import FloatArray, IntArray
from ..training.draws import Draws

Floats = npt.NDArray[np.float64]

_CELLS = 2**24  # of vectors of draws, worked on at once
_STARTS = 4  # of k-means, of which the best is taken


def unit_rows(vectors: FloatArray) -> FloatArray:
    """Rows of length 1; those of zeros stay zeros."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1), np.float32)


def cluster_centres(users: FloatArray, clusters: int, seed: int) -> FloatArray:
    """Centres of length 1 of the users' directions, at most so many: ``(clusters, dim)``."""
    known = np.unique(unit_rows(users[users.any(axis=1)]), axis=0)
    if not len(known):
        return np.zeros((1, users.shape[1]), np.float32)
    means = KMeans(min(clusters, len(known)), n_init=_STARTS, random_state=seed)
    with threadpool_limits(1, user_api="openmp"):  # the order of threads is that of its sums
        return unit_rows(means.fit(known).cluster_centers_.astype(np.float32))


def draw_features(
    ones: sparse.csr_array, had: FloatArray, ranked: FloatArray, draws: Draws, seed: int
) -> tuple[IntArray, Floats]:
    """Of one draw per event, the user ``(draws,)`` and what each path says, ``(draws, paths)``:
    how much higher it scores the user's item than the other, by the history without that item.

    :param ones: histories ``(users, items)``; ``had`` and ``ranked`` are ``(items, paths, dim)``.
    """
    generator = torch.Generator().manual_seed(seed)
    users = np.asarray(ones @ had.reshape(len(had), -1), np.float32).reshape(-1, *had.shape[1:])
    size = max(1, _CELLS // max(had[0].size, 1))
    found: list[tuple[IntArray, Floats]] = []
    for batch in draws.epoch(size, generator):
        user, liked, other = (one.numpy() for one in batch)
        apart = np.einsum("nqd,nqd->nq", users[user] - had[liked], ranked[liked] - ranked[other])
        found.append((user, apart.astype(np.float64)))
    if not found:
        return np.zeros(0, np.int64), np.zeros((0, had.shape[1]))
    return np.concatenate([one[0] for one in found]), np.concatenate([one[1] for one in found])


def path_weights(apart: Floats, reg: float) -> Floats:
    """``θ`` of the lowest mean of ``-ln σ(θ·f) + λ/2 |θ|²``, which is convex: ``(paths,)``.

    All are 1 where there are no draws.

    :param apart: ``f``, ``(draws, paths)``, with columns of one spread.
    """
    paths = apart.shape[1]
    if not len(apart):
        return np.ones(paths)

    def loss(theta: Floats) -> tuple[float, Floats]:
        margin = apart @ theta
        gradient = reg * theta - apart.T @ expit(-margin) / len(apart)
        return float(np.logaddexp(0, -margin).mean() + reg / 2 * theta @ theta), gradient

    found = minimize(loss, np.ones(paths) / paths, jac=True, method="L-BFGS-B")
    return np.asarray(found.x, np.float64)


def of_clusters(
    nearest: IntArray, clusters: int, user: IntArray, apart: Floats
) -> Iterator[Floats]:
    """The draws of each cluster's users."""
    for cluster in range(clusters):
        yield apart[nearest[user] == cluster]
