"""Similarities of items from the users who have both: a few nearest of each, in parts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy import sparse

from .data import FloatArray

CELLS = 2**23  # similarities of a part of the items with all of them, worked on at once

_TINY = np.float32(1e-9)

_Part = tuple[slice, FloatArray]  # which rows, and their similarities (rows, items)


def cosines(ones: sparse.csr_array, shrinkage: float) -> Iterator[_Part]:
    """Rows of similarities, some at a time: ``(rows, items)``."""
    transposed, counts = ones.T.tocsr(), np.asarray(ones.sum(axis=0)).ravel()
    for part in _parts(ones.shape[1]):
        common = (transposed[part] @ ones).toarray()
        lengths = np.sqrt(counts[part, None] * counts[None])
        yield part, common / np.maximum(lengths + np.float32(shrinkage), _TINY)


def path_similarities(links: sparse.csr_array) -> Iterator[_Part]:
    """[PathSim] of rows along what they are linked with: ``(rows, rows)``, some rows at a time.

    ``2 c_ij / (c_ii + c_jj)`` with ``c = L Lᵀ``, the paths between two; 0 without links.

    :param links: ``L``, ``(rows, others)``.
    """
    transposed = links.T.tocsr()
    own = np.asarray(links.multiply(links).sum(axis=1), np.float32).ravel()
    for part in _parts(links.shape[0]):
        paths = (links[part] @ transposed).toarray()
        yield part, 2 * paths / np.maximum(own[part, None] + own[None], _TINY)


def correlations(
    left: sparse.csr_array, ones: sparse.csr_array, shrinkage: float
) -> Iterator[_Part]:
    """Shrunk correlations of items over the users who rated both; negative ones are 0."""
    squares = left.copy()
    squares.data = squares.data**2
    left_t, squares_t, ones_t = (matrix.T.tocsr() for matrix in (left, squares, ones))
    for part in _parts(ones.shape[1]):
        spread = (squares_t[part] @ ones).toarray() * (ones_t[part] @ squares).toarray()
        found = (left_t[part] @ left).toarray() / np.sqrt(np.maximum(spread, np.float32(1e-12)))
        common = (ones_t[part] @ ones).toarray()
        found *= common / np.maximum(common + np.float32(shrinkage), _TINY)
        yield part, np.maximum(found, 0)


def _parts(items: int) -> list[slice]:
    step = max(1, CELLS // max(items, 1))
    return [slice(start, min(start + step, items)) for start in range(0, items, step)]


def nearest(parts: Iterator[_Part], k: int) -> sparse.csr_array:
    """The ``k`` largest similarities of each row, without the item itself and without zeros."""
    kept = []
    for part, similar in parts:
        similar[np.arange(len(similar)), np.arange(part.start, part.stop)] = 0
        kept.append(largest(similar, k))
    return sparse.csr_array(sparse.vstack(kept, format="csr"))


def largest(similar: FloatArray, k: int) -> sparse.csr_array:
    """The ``k`` largest of each row, without zeros; which of equal ones is not said."""
    k = min(k, similar.shape[1])
    columns = np.sort(np.argpartition(-similar, k - 1, axis=1)[:, :k], axis=1)
    values = np.take_along_axis(similar, columns, axis=1).astype(np.float32)
    rows = np.repeat(np.arange(len(similar)), k)
    found = sparse.csr_array((values.ravel(), (rows, columns.ravel())), shape=similar.shape)
    found.eliminate_zeros()
    return found
