"""Walks as a table: from a matrix of nodes to one flat column of lists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

NO_NODE = -1  # fills the rows of walks that ended early
_ROWS = 2**20  # walks in a chunk of the column, far from what 32-bit offsets can hold

Walks = npt.NDArray[np.int32]


def walk_table(parts: Sequence[Walks], deduplicate: bool) -> pa.Table:
    """Walks of two nodes or more in the order of their nodes, as one column ``nodes``.

    The order makes equal sets of walks equal files, whichever thread found which walk.

    :param parts: matrices ``(walks, length)`` of nodes, short rows filled with ``NO_NODE``.
    :param deduplicate: keep one of equal walks.
    :returns: ``nodes``, a list of int32 a walk.
    """
    width = max((part.shape[1] for part in parts), default=0)
    walks = _sorted(np.concatenate([np.empty((0, width), np.int32), *parts]), deduplicate)
    lengths = (walks != NO_NODE).sum(axis=1)
    walks, lengths = walks[lengths > 1], lengths[lengths > 1]
    chunks = [
        _lists(walks[first : first + _ROWS], lengths[first : first + _ROWS])
        for first in range(0, len(walks), _ROWS)
    ]
    return pa.table({"nodes": pa.chunked_array(chunks, type=pa.list_(pa.int32()))})


def _sorted(walks: Walks, deduplicate: bool) -> Walks:
    """Rows in lexicographic order: bytes of big-endian numbers compare like the numbers."""
    if not walks.size:
        return walks
    shifted = (walks + 1).astype(">u4")  # NO_NODE comes before every node
    rows = shifted.view(np.dtype((np.void, 4 * walks.shape[1]))).ravel()
    ordered = np.unique(rows) if deduplicate else np.sort(rows)
    return ordered.view(">u4").reshape(-1, walks.shape[1]).astype(np.int32) - 1


def _lists(walks: Walks, lengths: npt.NDArray[np.intp]) -> pa.ListArray:
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pa.ListArray.from_arrays(offsets, walks[walks != NO_NODE])
