"""Paths between users and items: both ends are expanded, and meet in the middle.

A path of length L goes from the user over an own rating to a history item, and from there
by L - 1 edges to the item. Half of these are expanded from the history item, half from the
target, for many pairs at once; equal ends are joined. A batch is as large as memory allows
by the bound below, so that what is held beside the found paths does not grow with the number
of pairs. :mod:`.lengths` keeps the found paths within bounds.
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
class FoundPaths:
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

    def take(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> FoundPaths:
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
    :param per_pair: paths per pair, at most; None: all.
    :param spread: the best path of each history item comes before the second best of any.
    :param fan_out: see :meth:`Network.expand`; None: all neighbours.
    """

    length: int
    per_pair: int | None = None
    spread: bool = True
    fan_out: int | None = None

    @property
    def ahead(self) -> int:
        """Edges that are expanded from a history item."""
        return (self.length - 1) // 2

    @property
    def behind(self) -> int:
        """Edges that are expanded from the target."""
        return self.length - 1 - self.ahead


def find_paths(network: Network, targets: Targets, search: Search) -> FoundPaths:
    """The best paths of each pair, simple (no node twice) and older than the event.

    Without ``fan_out`` these are exactly the first ``per_pair`` of all paths by priority:
    more recent history items first, then smaller sums of degrees (as of the event) of the
    nodes between history item and target, then smaller nodes from left to right; with
    ``spread`` all that within the first, second, … best path of a history item.
    Several relations between two nodes make one path, with the first of them by name.
    The target is never a history item of its own pair.
    """
    found = [_nothing(search)]
    for batch in _batches(network, targets.item, targets.limit, search.behind, search.fan_out):
        part = _search(network, targets.take(batch), search)
        found.append(replace(part, pair=part.pair + batch.start))
    return _joined(found)


def count_paths(network: Network, targets: Targets, search: Search) -> Ints:
    """``(pairs,)``: how many paths each pair has at most; those with a node twice count, too.

    ``per_pair`` plays no part; nothing but the halves of paths is built.
    """
    counts = [np.empty(0, np.int64)]
    for batch in _batches(network, targets.item, targets.limit, search.behind, search.fan_out):
        some = targets.take(batch)
        backward = _backward(network, some, search)
        found = np.zeros(len(some), np.int64)
        first, last = network.history.span(some.user, some.seq)
        longest = int(np.max(last - first))
        for half, _ in _forward(network, some, search, np.arange(len(some)), 0, longest):
            np.add.at(found, half.pair, _matches(network, half, backward)[1])
        counts.append(found)
    return np.concatenate(counts)


def _search(network: Network, targets: Targets, search: Search) -> FoundPaths:
    """Rounds over ever older history items, until each pair has enough or no more items."""
    backward = _backward(network, targets, search)
    first, last = network.history.span(targets.user, targets.seq)
    found = [_nothing(search)]
    young, width = 0, _FIRST_ITEMS
    open_ = np.arange(len(targets))
    while len(open_):
        for half, ages in _forward(network, targets, search, open_, young, width):
            for joined in _join(network, targets, half, ages, backward):
                found.append(joined)
                if search.per_pair is not None:  # all paths are sorted once, at the end
                    found = [_best(_joined(found), search)]
        young, width = young + width, 2 * width
        more = last[open_] - first[open_] > young
        open_ = open_[more & ~_enough(found[0], open_, len(targets), search)]
    return _best(_joined(found), search)


def _backward(network: Network, targets: Targets, search: Search) -> _Half:
    """Half paths from the targets, sorted by their other ends."""
    every = np.arange(len(targets))
    half = _expand(network, targets, every, targets.item, search.behind, search.fan_out)
    return half.sorted_by_end(network.nodes)


def _forward(
    network: Network, targets: Targets, search: Search, pairs: Ints, young: int, width: int
) -> Iterator[tuple[_Half, Ints]]:
    """Half paths from the history items of ages ``young … young + width - 1``, and the ages."""
    first, last = network.history.span(targets.user[pairs], targets.seq[pairs])
    counts = np.clip(last - first - young, 0, width)
    age, owner = ranges(np.full(len(pairs), young), counts)
    pair, item = pairs[owner], network.history.item[last[owner] - 1 - age]
    other = item != targets.item[pair]
    age, pair, item = age[other], pair[other], item[other]
    steps, fan_out = search.ahead, search.fan_out
    for part in _batches(network, item, targets.limit[pair], steps, fan_out):
        half = _expand(network, targets, pair[part], item[part], steps, fan_out)
        yield half, age[part][half.start]


def _batches(
    network: Network, starts: Ints, limits: Ints, steps: int, fan_out: int | None
) -> Iterator[slice]:
    """Runs of starts whose expansion by ``steps`` edges stays within the budget."""
    sizes = np.ones(len(starts), np.int64)
    if steps:
        sizes = network.degree_before(starts, limits) * _growth(network, fan_out) ** (steps - 1)
    return runs(np.cumsum(sizes), _BUDGET)


def runs(bounds: Ints, budget: int) -> Iterator[slice]:
    """Slices of rows whose sizes, given as sums so far, add up to the budget or less.

    A row that is larger than the budget comes alone.
    """
    first = 0
    while first < len(bounds):
        before = int(bounds[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(bounds, before + budget, side="right")))
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
        # one more edge from the last node of each partial path, older than its event
        limits = targets.limit[half.pair]
        edges, owner = network.expand(half.nodes[:, -1], limits, fan_out)
        node = network.target[edges].astype(np.int64)
        pair = half.pair[owner]
        # no node twice, and not the pair's own ends
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
) -> Iterator[FoundPaths]:
    """Whole paths, in parts that fit into memory."""
    low, matches = _matches(network, forward, backward)
    for part in runs(np.cumsum(matches), _BUDGET):
        right, left = ranges(low[part], matches[part])
        left += part.start
        yield _whole(network, targets, forward.take(left), ages[left], backward.take(right))


def _matches(network: Network, forward: _Half, backward: _Half) -> tuple[Ints, Ints]:
    """For each half path the first row of those that meet it, and how many there are."""
    keys = forward.ends(network.nodes)
    low = np.searchsorted(backward.keys, keys, side="left")
    return low, np.searchsorted(backward.keys, keys, side="right") - low


def _whole(
    network: Network, targets: Targets, forward: _Half, ages: Ints, backward: _Half
) -> FoundPaths:
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
    return FoundPaths(pair, ages[rows], cost, nodes, edges, backward.edges.shape[1])


def _best(paths: FoundPaths, search: Search) -> FoundPaths:
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


def _enough(paths: FoundPaths, pairs: Ints, count: int, search: Search) -> npt.NDArray[np.bool_]:
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


def _nothing(search: Search) -> FoundPaths:
    none, hops = np.empty(0, np.int64), search.length
    nodes, edges = np.empty((0, hops + 1), np.int64), np.empty((0, hops - 1), np.int64)
    return FoundPaths(none, none, none, nodes, edges, search.behind)


def _joined(parts: list[FoundPaths]) -> FoundPaths:
    names = ("pair", "age", "cost", "nodes", "edges")
    columns = {name: np.concatenate([getattr(part, name) for part in parts]) for name in names}
    return FoundPaths(**columns, backward=parts[0].backward)
