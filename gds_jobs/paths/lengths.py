"""Paths of several lengths: a limit per pair in all, for as many pairs at once as fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ..ranges import Ints, rank_in_group
from .network import Network
from .search import FoundPaths, Search, Targets, count_paths, find_paths, runs

AT_ONCE = 2**20  # paths that are held at once, some 500 bytes each
MOST = 2**21  # paths of one pair, which have to be sorted together


def find_lengths(
    network: Network, targets: Targets, searches: Sequence[Search]
) -> list[FoundPaths]:
    """The paths of each search; its pairs get what the searches before it left free.

    A pair has at most ``per_pair`` paths in all, so what has enough short ones is not
    searched for long ones.

    :param searches: the preferred one first; they have one ``per_pair``.
    """
    found: list[FoundPaths] = []
    free = np.full(len(targets), searches[0].per_pair or np.iinfo(np.int64).max)
    for search in searches:
        pairs = np.flatnonzero(free)
        paths = find_paths(network, targets.take(pairs), search)
        paths = replace(paths, pair=pairs[paths.pair])
        paths = paths.take(rank_in_group(paths.pair) < free[paths.pair])
        free -= np.bincount(paths.pair, minlength=len(targets))
        found.append(paths)
    return found


def most_paths(network: Network, targets: Targets, searches: Sequence[Search]) -> Ints:
    """``(pairs,)``: how many paths :func:`find_lengths` finds at most.

    They are counted only where ``per_pair`` does not bound them well enough.
    """
    per_pair = searches[0].per_pair
    if per_pair is not None and per_pair * len(targets) <= AT_ONCE:
        return np.full(len(targets), per_pair)
    counts: Ints = np.sum([count_paths(network, targets, search) for search in searches], axis=0)
    return counts if per_pair is None else np.minimum(counts, per_pair)


def pieces(most: Ints) -> Iterator[slice]:
    """Runs of pairs with :data:`AT_ONCE` paths or fewer, or of one pair."""
    return runs(np.cumsum(most), AT_ONCE)
