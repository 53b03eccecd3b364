"""Paths between users and items: both ends are expanded, and meet in the middle.

A path of length L goes from the user over an own rating to a history item, and from there
by L - 1 edges to the item. Half of these are expanded from the history item, half from the
target, for many pairs at once; equal ends are joined. A batch is as large as memory allows
by the bounds below, so that memory does not grow with the number of pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ..ranges import Ints, ranges, rank_in_group
from .network import Network

_BUDGET = 2**21  # rows of one expansion or join, some 100 bytes each
_FIRST_ITEMS = 8  # history items of the first round; each round takes twice as many

Nodes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Targets:
    """Pairs and their events: paths may use what is before them, and nothing else.

    :param seq: of the event in the user's history; own ratings need a smaller one.
    :param limit: ratings of others need a smaller rank, see :meth:`Network.limit`.
    """

    user: Ints
    item: Ints
    seq: Ints
    limit: Ints

    def __len__(self) -> int:
        return len(self.user)

    def take(self, rows: Ints | slice) -> Targets:
        return Targets(self.user[rows], self.item[rows], self.seq[rows], self.limit[rows])


@dataclass(frozen=True)
class Paths:
    """Paths of one length L, sorted by pair and rank.

    :param pair: ``(paths,)``, row of the target.
    :param age: how many own ratings lie between the history item and the event.
    :param cost: sum of the degrees of the nodes between history item and target.
    :param nodes: ``(paths, L + 1)``, from user to item.
    :param edges: ``(paths, L - 1)``, edges of the network as they were expanded; the last
        ``backward`` ones, which were expanded from the item, are walked the other way.
    """

    pair: Ints
    age: Ints
    cost: Ints
    nodes: Nodes
    edges: Ints
    backward: int

    def __len__(self) -> int:
        return len(self.pair)

    def take(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> Paths:
        return replace(
            self,
            pair=self.pair[rows],
            age=self.age[rows],
            cost=self.cost[rows],
            nodes=self.nodes[rows],
            edges=self.edges[rows],
        )

    def relations(self, network: Network, rated: int) -> npt.NDArray[np.int16]:
        """``(paths, L)`` numbers of :func:`vocabulary`; ``rated`` is that of the first hop."""
        found = network.relation[self.edges]
        found[:, -self.backward :] ^= 1
        first = np.full((len(self), 1), rated, np.int16)
        return np.concatenate([first, found], axis=1)

    def times(self, network: Network, targets: Targets) -> Ints:
        """``(paths, L)`` times of the hops, ``NO_TIME`` for knowledge."""
        _, last = network.history.span(targets.user[self.pair], targets.seq[self.pair])
        first = network.history.time[last - 1 - self.age]
        return np.concatenate([first[:, None], network.time[self.edges]], axis=1)


@dataclass(frozen=True)
class Search:
    """What to look for.

    :param length: edges of a path, 2 or more.
    :param per_pair: at most so many paths a pair; None: all.
    :param spread: the best path of each history item comes before the second best of any.
    :param fan_out: see :meth:`Network.expand`; None: all neighbours.
    """

    length: int
    per_pair: int | None = None
    spread: bool = True
    fan_out: int | None = None


def find_paths(network: Network, targets: Targets, search: Search) -> Paths:
    """The best paths of each pair, simple (no node twice) and older than the event.

    Without ``fan_out`` these are exactly the first ``per_pair`` of all paths by priority:
    more recent history items first, then smaller sums of degrees (as of the event) of the
    nodes between history item and target, then smaller nodes from left to right; with
    ``spread`` all that within the first, second, … best path of a history item.
    Several relations between two nodes make one path, with the first of them by name.
    The target is never a history item of its own pair.
    """
    ahead = (search.length - 1) // 2
    behind = search.length - 1 - ahead
    found = [_nothing(search.length, behind)]
    for batch in _batches(network, targets.item, targets.limit, behind, search.fan_out):
        part = _search(network, targets.take(batch), search, ahead, behind)
        found.append(replace(part, pair=part.pair + batch.start))
    return _joined(found)


def _search(network: Network, targets: Targets, search: Search, ahead: int, behind: int) -> Paths:
    """Rounds over ever older history items, until each pair has enough or no more items."""
    fan_out = search.fan_out
    every = np.arange(len(targets))
    backward = _expand(network, targets, every, targets.item, behind, fan_out)
    backward = backward.sorted_by_end(network.nodes)
    first, last = network.history.span(targets.user, targets.seq)
    best = _nothing(search.length, behind)
    young, width = 0, _FIRST_ITEMS
    open_ = every
    while len(open_):
        counts = np.clip(last[open_] - first[open_] - young, 0, width)
        age, owner = ranges(np.full(len(open_), young), counts)
        pair = open_[owner]
        item = network.history.item[last[pair] - 1 - age]
        other = item != targets.item[pair]
        age, pair, item = age[other], pair[other], item[other]
        for part in _batches(network, item, targets.limit[pair], ahead, fan_out):
            half = _expand(network, targets, pair[part], item[part], ahead, fan_out)
            for joined in _join(network, targets, half, age[part][half.start], backward):
                best = _best(_joined([best, joined]), search)
        young, width = young + width, 2 * width
        more = last[open_] - first[open_] > young
        open_ = open_[more & ~_enough(best, open_, len(targets), search)]
    return best


def _batches(
    network: Network, starts: Ints, limits: Ints, steps: int, fan_out: int | None
) -> Iterator[slice]:
    """Runs of starts whose expansion by ``steps`` edges stays within the budget."""
    sizes = np.ones(len(starts), np.int64)
    if steps:
        sizes = network.degree_before(starts, limits) * _growth(network, fan_out) ** (steps - 1)
    return _runs(np.cumsum(sizes))


def _runs(bounds: Ints) -> Iterator[slice]:
    """Slices of rows whose sizes, given as sums so far, add up to the budget or less."""
    first = 0
    while first < len(bounds):
        before = int(bounds[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(bounds, before + _BUDGET, side="right")))
        yield slice(first, last)
        first = last


@dataclass(frozen=True)
class _Half:
    """Partial paths: ``nodes (rows, steps + 1)``, ``edges (rows, steps)``, their start row."""

    start: Ints
    pair: Ints
    nodes: Nodes
    edges: Ints
    keys: Ints

    def take(self, rows: Ints | npt.NDArray[np.bool_]) -> _Half:
        return _Half(
            self.start[rows], self.pair[rows], self.nodes[rows], self.edges[rows], self.keys
        )

    def sorted_by_end(self, nodes: int) -> _Half:
        keys = self.ends(nodes)
        order = np.argsort(keys, kind="stable")
        return replace(self.take(order), keys=keys[order])

    def ends(self, nodes: int) -> Ints:
        return self.pair * nodes + self.nodes[:, -1]


def _expand(
    network: Network, targets: Targets, pair: Ints, start: Ints, steps: int, fan_out: int | None
) -> _Half:
    """All partial paths of ``steps`` edges from one start a row, without the pair's own ends."""
    none = np.empty((len(pair), 0), np.int64)
    half = _Half(np.arange(len(pair)), pair, start[:, None], none, np.empty(0, np.int64))
    for _ in range(steps):
        limits = targets.limit[half.pair]
        edges, owner = network.expand(half.nodes[:, -1], limits, fan_out)
        node = network.target[edges].astype(np.int64)
        pair = half.pair[owner]
        fresh = (node != targets.user[pair]) & (node != targets.item[pair])
        for column in range(half.nodes.shape[1]):
            fresh &= node != half.nodes[owner, column]
        edges, owner, node = edges[fresh], owner[fresh], node[fresh]
        half = half.take(owner)
        half = replace(
            half,
            nodes=np.column_stack([half.nodes, node]),
            edges=np.column_stack([half.edges, edges]),
        )
    return half


def _join(
    network: Network, targets: Targets, forward: _Half, ages: Ints, backward: _Half
) -> Iterator[Paths]:
    """Whole paths, in parts that fit into memory."""
    keys = forward.ends(network.nodes)
    low = np.searchsorted(backward.keys, keys, side="left")
    matches = np.searchsorted(backward.keys, keys, side="right") - low
    for part in _runs(np.cumsum(matches)):
        right, left = ranges(low[part], matches[part])
        left += part.start
        yield _whole(network, targets, forward.take(left), ages[left], backward.take(right))


def _whole(
    network: Network, targets: Targets, forward: _Half, ages: Ints, backward: _Half
) -> Paths:
    """Halves side by side, the second turned round; those that share a node are left out."""
    mine, other = forward.nodes, backward.nodes
    simple = np.ones(len(mine), bool)
    for column in range(mine.shape[1]):
        for opposite in range(1, other.shape[1] - 1):  # not the target, not the meeting node
            simple &= mine[:, column] != other[:, opposite]
    rows = np.flatnonzero(simple)
    pair = forward.pair[rows]
    user = targets.user[pair][:, None]
    nodes = np.concatenate([user, mine[rows], other[rows, -2::-1]], axis=1)
    limits = targets.limit[pair]
    cost = np.zeros(len(rows), np.int64)
    for column in range(2, nodes.shape[1] - 1):
        cost += network.degree_before(nodes[:, column], limits)
    edges = np.concatenate([forward.edges[rows], backward.edges[rows, ::-1]], axis=1)
    return Paths(pair, ages[rows], cost, nodes, edges, backward.edges.shape[1])


def _best(paths: Paths, search: Search) -> Paths:
    """Paths by pair and priority, at most ``per_pair`` of each pair."""
    nodes = [paths.nodes[:, column] for column in range(paths.nodes.shape[1] - 1, 1, -1)]
    paths = paths.take(np.lexsort((*nodes, paths.cost, paths.age, paths.pair)))
    if search.spread:
        width = int(paths.age.max(initial=0)) + 1
        place = rank_in_group(paths.pair * width + paths.age)
        paths = paths.take(np.lexsort((paths.age, place, paths.pair)))
    if search.per_pair is None:
        return paths
    return paths.take(rank_in_group(paths.pair) < search.per_pair)


def _enough(paths: Paths, pairs: Ints, count: int, search: Search) -> npt.NDArray[np.bool_]:
    """Pairs whose paths cannot get better by older history items."""
    if search.per_pair is None:
        return np.zeros(len(pairs), bool)
    pair = paths.pair
    if search.spread:
        width = int(paths.age.max(initial=0)) + 1
        pair = np.unique(pair * width + paths.age) // width
    found: npt.NDArray[np.bool_] = np.bincount(pair, minlength=count)[pairs] >= search.per_pair
    return found


def _growth(network: Network, fan_out: int | None) -> int:
    """The most edges that one node can be expanded by."""
    widest = int(np.max(np.diff(network.knowledge) + np.diff(network.ratings), initial=1))
    return max(1, widest if fan_out is None else min(widest, 2 * fan_out))


def _nothing(length: int, backward: int) -> Paths:
    none = np.empty(0, np.int64)
    nodes, edges = np.empty((0, length + 1), np.int64), np.empty((0, length - 1), np.int64)
    return Paths(none, none, none, nodes, edges, backward)


def _joined(parts: list[Paths]) -> Paths:
    names = ("pair", "age", "cost", "nodes", "edges")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return Paths(**columns, backward=parts[0].backward)
