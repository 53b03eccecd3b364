"""Nonnegative factors of a matrix that is given as a product of sparse ones."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from .data import FloatArray

_TINY = np.float32(1e-12)


def nonnegative_factors(
    rows: sparse.csr_array, columns: sparse.csr_array, size: int, sweeps: int, seed: int
) -> tuple[FloatArray, FloatArray]:
    """``U`` ``(rows, size)`` and ``V`` ``(columns, size)``, nonnegative, near to the matrix.

    Minimises ``|X - U Vᵀ|²`` with ``X`` the product of ``rows`` and ``columns``, which is not
    formed, a factor after the other ([HALS]); no step raises it.

    :param sweeps: how often all factors of both sides are set.
    """
    random = np.random.default_rng(seed)
    reached = np.asarray(columns.sum(axis=1)).ravel()
    total = float((rows @ reached).sum())
    scale = np.sqrt(total / max(rows.shape[0] * columns.shape[1], 1) / size)
    u = (scale * random.random((rows.shape[0], size))).astype(np.float32)
    v = (scale * random.random((columns.shape[1], size))).astype(np.float32)
    rows_back, columns_back = rows.T.tocsr(), columns.T.tocsr()
    for _ in range(sweeps):
        _set_factors(u, rows @ (columns @ v), v.T @ v)
        _set_factors(v, columns_back @ (rows_back @ u), u.T @ u)
    return u, v


def _set_factors(found: FloatArray, towards: FloatArray, gram: FloatArray) -> None:
    """Each factor of one side as the others are, in place.

    :param towards: ``X V``, ``(rows, size)``; ``gram`` is ``VᵀV``.
    """
    for factor in range(len(gram)):
        if gram[factor, factor] > _TINY:
            rest = towards[:, factor] - found @ gram[:, factor]
            found[:, factor] = np.maximum(found[:, factor] + rest / gram[factor, factor], 0)
