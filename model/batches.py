"""Sequences as batches of similar length, so that little is padding."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from .base import IntArray

Lengths = npt.NDArray[np.int64]


def by_length(lengths: Lengths, size: int, generator: np.random.Generator) -> list[IntArray]:
    """Indices of all sequences in batches of ``size``, alike in length, in random order.

    Lengths are blurred by 10 %, so that the batches differ from epoch to epoch.
    """
    blurred = lengths * generator.uniform(0.9, 1.1, len(lengths))
    order = np.argsort(blurred, kind="stable")
    batches = [order[start : start + size] for start in range(0, len(order), size)]
    return [batches[i] for i in generator.permutation(len(batches))]


def pad(sequences: Sequence[IntArray]) -> tuple[IntArray, Lengths]:
    """``(B, T)`` indices, zeros on the right, and the lengths ``(B,)``."""
    lengths = np.array([len(sequence) for sequence in sequences], np.int64)
    padded = np.zeros((len(sequences), max(lengths, default=0)), np.int64)
    padded[np.arange(padded.shape[1]) < lengths[:, None]] = np.concatenate(
        [np.zeros(0, np.int64), *sequences]
    )
    return padded, lengths
