"""Sums of outer products over histories, and the small systems that they make."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .data import FloatArray

CELLS = 2**22  # of the systems that are solved at once


def outer_sums(
    history: sparse.csr_array, factors: npt.NDArray[Any], dtype: npt.DTypeLike = np.float32
) -> npt.NDArray[Any]:
    """``Σ_j f_j f_jᵀ`` over the columns of each row: ``(rows, dim, dim)``.

    :param history: ``(rows, items)``, read for where it has entries; ``factors`` is
        ``(items, dim)``.
    """
    size = factors.shape[1]
    sums = np.empty((history.shape[0], size, size), dtype)
    for row, (start, end) in enumerate(zip(history.indptr[:-1], history.indptr[1:], strict=True)):
        vectors = factors[history.indices[start:end]]
        sums[row] = vectors.T @ vectors
    return sums


def some_rows(rows: int, size: int) -> list[slice]:
    """Parts of the rows, at least one, whose systems of this size fit into memory."""
    step = max(1, CELLS // size**2)
    return [slice(start, start + step) for start in range(0, max(rows, 1), step)]


def follow_gradient(
    left: sparse.csr_array, factors: FloatArray, reg: float, rate: float, steps: int
) -> FloatArray:
    """What rows learn of what is left over: ``(rows, dim)``, by implicit gradient steps from 0.

    ``θ ← (I + η A)⁻¹ (θ + η b)`` with ``A = Σ_j f_j f_jᵀ + λ n`` and ``b = Σ_j e_j f_j`` over a
    row's ``n`` entries: the gradient flow of ``Σ (e - f·θ)² / 2 + λ n |θ|² / 2``.

    :param left: ``(rows, items)``: ``e``; ``factors`` is ``(items, dim)``.
    """
    size, rate = factors.shape[1], np.float32(rate)  # type: ignore[assignment]
    found = np.zeros((left.shape[0], size), np.float32)
    diagonal = np.arange(size)
    for part in some_rows(left.shape[0], size):
        rows = left[part]
        systems = rate * outer_sums(rows, factors)
        pull = rate * np.float32(reg) * np.diff(rows.indptr)
        systems[:, diagonal, diagonal] += (1 + pull).astype(np.float32)[:, None]
        inverse = np.linalg.inv(systems)
        theta, towards = np.zeros((len(systems), size), np.float32), rate * (rows @ factors)
        for _ in range(steps):
            theta = np.matmul(inverse, (theta + towards)[..., None])[..., 0]
        found[part] = theta
    return found
