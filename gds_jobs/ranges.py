"""Vectorised bookkeeping for rows of different lengths."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]


def ranges(starts: Ints, lengths: Ints) -> tuple[Ints, Ints]:
    """All positions ``starts[i] … starts[i] + lengths[i] - 1``, and the ``i`` of each.

    >>> ranges(np.array([5, 0]), np.array([2, 1]))
    (array([5, 6, 0]), array([0, 0, 1]))
    """
    owner = np.repeat(np.arange(len(lengths)), lengths)
    ends = np.cumsum(lengths)
    positions = np.arange(len(owner)) + np.repeat(starts - (ends - lengths), lengths)
    return positions, owner


def rank_in_group(groups: Ints) -> Ints:
    """Place of each row within its run of equal, adjacent values, from 0.

    >>> rank_in_group(np.array([7, 7, 3, 3, 3]))
    array([0, 1, 0, 1, 2])
    """
    if not len(groups):
        return np.empty(0, np.int64)
    first = np.concatenate([[True], groups[1:] != groups[:-1]])
    starts = np.flatnonzero(first)
    place: Ints = np.arange(len(groups)) - np.repeat(starts, np.diff([*starts, len(groups)]))
    return place
