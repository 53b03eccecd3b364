"""Paths of three edges from a history to every item, by a table of what joins two items best.

A path goes from the user to an item of the history, to a node that is joined with it, and to the
candidate. Which node that is depends on the two items alone, so it is found once for all pairs of
items: the one with the fewest neighbours, of equal ones the first. That is what the job ``paths``
prefers, too, as of the event; here all knowledge and all train ratings count.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ..data import IntArray
from ..vectors import share_of_history

Middles = npt.NDArray[np.int32]

NONE = -1


def best_middles(adjacency: sparse.csr_array, items: int) -> Middles:
    """``(items, items)``: the node between two items, ``NONE`` where nothing joins them.

    :param adjacency: ones between nodes that are joined, ``(nodes, nodes)``, symmetric; items are
        the first nodes.
    """
    found = np.full((items, items), NONE, np.int32)
    degrees = np.diff(adjacency.indptr)
    # what has fewer neighbours comes later and takes the place, of equal ones the first node
    for node in np.lexsort((-np.arange(len(degrees)), -degrees)).tolist():
        ends = adjacency.indices[adjacency.indptr[node] : adjacency.indptr[node + 1]]
        ends = ends[ends < items]
        if len(ends) > 1:
            found[np.ix_(ends, ends)] = node
    np.fill_diagonal(found, NONE)
    return found


def candidate_paths(
    middles: Middles, history: IntArray, items: IntArray, per_pair: int
) -> tuple[IntArray, IntArray]:
    """The paths to each of ``items``, one by each of the latest events that has any.

    An item itself is no event of its own paths.

    :param history: items, the latest one last; of an item that comes again the last event counts.
    :param per_pair: paths to an item at most.
    :returns: ``(paths,)`` twice: events by their place in the history, and items by their place
        in ``items``, sorted by the second, then the latest event first.
    """
    latest = np.flatnonzero(share_of_history(history))[::-1]
    middle = middles[np.ix_(history[latest], items)]
    joined = middle != NONE
    kept = joined & (np.cumsum(joined, axis=0) <= per_pair)
    place, event = np.nonzero(kept.T)
    return latest[event], place
