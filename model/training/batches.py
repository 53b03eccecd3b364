"""Sequences as batches of similar length, so that little is padding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from ..data import IntArray

Lengths = npt.NDArray[np.int64]


_POSITIONS = 4096  # of a batch, padding included: bounds memory, which grows with length squared
_ASKED_POSITIONS = 16_384  # of histories that are asked about at once, padding included


def by_length(
    lengths: Lengths, size: int, generator: np.random.Generator, pairs: int | None = None
) -> list[IntArray]:
    """Indices of all sequences in batches alike in length, the batches in random order.

    A batch has at most ``size`` sequences, fewer where these are long. Lengths are blurred by
    10 %, so that the batches differ from epoch to epoch.

    :param pairs: pairs of positions in a batch at most, where each looks at all others.
    """
    order = np.argsort(-lengths * generator.uniform(0.9, 1.1, len(lengths)), kind="stable")
    batches, start = [], 0
    while start < len(order):
        longest = int(lengths[order[start : start + size]].max())
        fitting = _POSITIONS // max(longest, 1)
        if pairs is not None:
            fitting = min(fitting, pairs // max(longest, 1) ** 2)
        end = start + max(1, min(size, fitting))
        batches.append(order[start:end])
        start = end
    return [batches[i] for i in generator.permutation(len(batches))]


def histories_by_length(histories: Sequence[IntArray]) -> Iterator[IntArray]:
    """Places of the histories that are not empty, the longest first, in groups of bounded size."""
    lengths = np.array([len(history) for history in histories], np.int64)
    rows = np.argsort(-lengths, kind="stable")[: np.count_nonzero(lengths)]
    start = 0
    while start < len(rows):
        group = rows[start : start + max(1, _ASKED_POSITIONS // int(lengths[rows[start]]))]
        start += len(group)
        yield group


def pad(sequences: Sequence[IntArray]) -> tuple[IntArray, Lengths]:
    """``(B, T)`` indices, zeros on the right, and the lengths ``(B,)``."""
    lengths = np.array([len(sequence) for sequence in sequences], np.int64)
    padded = np.zeros((len(sequences), max(lengths, default=0)), np.int64)
    padded[np.arange(padded.shape[1]) < lengths[:, None]] = np.concatenate(
        [np.zeros(0, np.int64), *sequences]
    )
    return padded, lengths
