"""Item vectors from random walks: the matrix that skip-gram factorises, factorised directly.

Skip-gram with negative sampling implicitly factorises the matrix of (shifted) pointwise
mutual information of node and context (Levy & Goldberg, Neural word embedding as implicit
matrix factorization, NeurIPS 2014). Here the positive part of that matrix, for the rows of
items and the columns of all nodes, goes through a truncated SVD: deterministic, seconds
instead of epochs. With ``M ≈ U Σ Vᵀ`` the vectors are ``U √Σ``, their symmetric variant.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.decomposition import TruncatedSVD

from ..model.data import FloatArray


def item_vectors(
    walks: Sequence[npt.NDArray[np.int32]],
    n_items: int,
    *,
    dimension: int = 64,
    window: int = 4,
    negatives: int = 1,
    seed: int = 42,
) -> FloatArray:
    """Vectors ``(n_items, ≤ dimension)`` of the items among the nodes of the walks.

    :param walks: node indices; ``0 … n_items - 1`` are items, larger ones other nodes.
    :param window: largest distance of node and context within a walk.
    :param negatives: k of negative sampling; the matrix is shifted by ``log k``.
    :returns: zeros for an item that no walk visits.
    """
    matrix = _ppmi(_cooccurrences(walks, n_items, window), negatives)
    size = min(dimension, min(matrix.shape) - 1)
    if size < 1 or matrix.nnz == 0:
        return np.zeros((n_items, 1), np.float32)
    svd = TruncatedSVD(size, random_state=seed)
    projected = svd.fit_transform(matrix)  # U Σ
    vectors = projected / np.sqrt(np.maximum(svd.singular_values_, 1e-12))
    return np.ascontiguousarray(vectors, np.float32)


def _cooccurrences(
    walks: Sequence[npt.NDArray[np.int32]], n_items: int, window: int
) -> sparse.csr_matrix:
    """Counts ``(items, nodes)`` of pairs at most ``window`` steps apart, both directions."""
    nodes = np.concatenate([np.zeros(0, np.int64), *walks]).astype(np.int64)
    walk = np.repeat(np.arange(len(walks)), [len(one) for one in walks])
    n_nodes = max(int(nodes.max(initial=-1)) + 1, n_items)
    counts = sparse.csr_matrix((n_items, n_nodes), dtype=np.float64)
    for step in range(1, window + 1):
        together = walk[step:] == walk[:-step]
        left, right = nodes[:-step][together], nodes[step:][together]
        row, column = np.concatenate([left, right]), np.concatenate([right, left])
        ours = (row < n_items) & (row != column)
        pairs = (np.ones(int(ours.sum())), (row[ours], column[ours]))
        counts += sparse.coo_matrix(pairs, shape=counts.shape).tocsr()
    return counts


def _ppmi(counts: sparse.csr_matrix, negatives: int) -> sparse.csr_matrix:
    """``max(0, log(#(i,c) · D / (#(i) · #(c))) - log k)`` of the counted pairs."""
    matrix = counts.tocoo()
    rows = np.asarray(counts.sum(axis=1)).ravel()
    columns = np.asarray(counts.sum(axis=0)).ravel()
    expected = rows[matrix.row] * columns[matrix.col] / max(matrix.data.sum(), 1)
    values = np.maximum(np.log(matrix.data / expected) - np.log(negatives), 0)
    positive = sparse.csr_matrix((values, (matrix.row, matrix.col)), shape=matrix.shape)
    positive.eliminate_zeros()
    return positive
