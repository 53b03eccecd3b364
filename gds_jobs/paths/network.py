"""The network that paths run through: knowledge and dated train ratings as CSR arrays.

Nothing in it depends on what is later than an event: a node's ratings lie in the order of
time, so that those before a moment are a prefix, and degrees are counted as of the event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...artifacts import Edges
from ..csr import EdgeList, edge_list, offsets
from ..ranges import Ints, ranges
from ..split_graph import SplitGraph

NO_TIME = -(2**63)


@dataclass(frozen=True)
class Network:
    """Edges in both directions, those of knowledge first, then ratings.

    Edge ``e`` leads to ``target[e]``, is of ``relation[e]`` (see :func:`vocabulary`) and has
    the time ``time[e]`` (``NO_TIME`` for knowledge). The knowledge edges of a node begin with
    the rarest neighbour; an entity with one neighbour, which no path can pass, is left out.

    :param degree: ``(nodes,)``, neighbours of each node in the knowledge.
    :param moments: all times of ratings, rising; edges hold their places in it in ``rank``.
    :param rating_keys: ``node * (len(moments) + 1) + rank`` of each rating edge, rising.
    """

    nodes: int
    types: tuple[str, ...]
    target: npt.NDArray[np.int32]
    relation: npt.NDArray[np.int16]
    time: Ints
    knowledge: Ints
    ratings: Ints
    degree: Ints
    moments: Ints
    rating_keys: Ints
    history: History

    def limit(self, times: Ints) -> Ints:
        """Place of each time among the moments: ratings of a smaller rank are earlier."""
        return np.searchsorted(self.moments, times, side="left")

    def rated_before(self, nodes: Ints, limits: Ints) -> Ints:
        """How many ratings each node has before its limit."""
        ends = np.searchsorted(self.rating_keys, nodes * (len(self.moments) + 1) + limits)
        found: Ints = ends - self.ratings[nodes]
        return found

    def degree_before(self, nodes: Ints, limits: Ints) -> Ints:
        """Neighbours in the knowledge, and ratings before the limit."""
        return self.degree[nodes] + self.rated_before(nodes, limits)

    def expand(self, nodes: Ints, limits: Ints, fan_out: int | None) -> tuple[Ints, Ints]:
        """Edges that leave ``nodes`` and are before ``limits``, and the row of each.

        :param fan_out: take at most so many knowledge edges, the rarest neighbours first,
            and so many ratings, the most recent first.
        """
        first, rated = self.knowledge[nodes], self.rated_before(nodes, limits)
        known = self.knowledge[nodes + 1] - first
        last = self.ratings[nodes] + rated
        if fan_out is not None:
            known, rated = np.minimum(known, fan_out), np.minimum(rated, fan_out)
        one, owner = ranges(first, known)
        other, other_owner = ranges(self.knowledge[-1] + last - rated, rated)
        return np.concatenate([one, other]), np.concatenate([owner, other_owner])


@dataclass(frozen=True)
class History:
    """The users' own train ratings, sorted by user and ``seq``.

    :param keys: ``user * width + seq`` of each rating, rising.
    """

    width: int
    keys: Ints
    user: Ints
    item: Ints
    seq: Ints
    time: Ints

    def span(self, users: Ints, seqs: Ints) -> tuple[Ints, Ints]:
        """First row of each user, and the row behind the last one with a smaller ``seq``."""
        first = np.searchsorted(self.keys, users * self.width)
        seqs = np.minimum(seqs, self.width - 1)  # later than all: not into the next user's keys
        return first, np.searchsorted(self.keys, users * self.width + seqs)


def vocabulary(types: tuple[str, ...]) -> list[str]:
    """Names of relations by number: ``TYPE>`` walked along its direction, ``<TYPE`` against."""
    return [name for kind in types for name in (f"{kind}>", f"<{kind}")]


def build_network(inputs: SplitGraph, train: pd.DataFrame, edges: Edges) -> Network:
    """The network of a split.

    :param train: the train rows: ``user, item`` (nodes), ``seq`` and ``time`` (``NO_TIME``
        where a row has no timestamp: it is evidence for that user only).
    :param edges: what paths take behind the user's own rating: knowledge, train or both.
    """
    # relation numbers are those of all types, whatever edges are taken
    both = edge_list(inputs)
    dated = train[train["time"] != NO_TIME] if edges != "knowledge" else train.iloc[:0]
    known = edge_list(inputs.only("knowledge" if edges != "train" else "train"))
    if edges == "train":
        known = known.of(())
    relation_of = {name: number for number, name in enumerate(both.types)}
    source, target, relation = _knowledge(known, relation_of)
    degree = np.bincount(source, minlength=inputs.nodes)
    # an entity with one edge leads nowhere but back
    items = len(inputs.item_ids)
    entity = (target >= items) & (target < items + inputs.entities)
    passable = ~entity | (degree[target] > 1)
    source, target, relation = source[passable], target[passable], relation[passable]
    # the edges of a node together, rarest neighbours first, for the fan-out
    order = np.lexsort((target, degree[target], source))
    source, target, relation = source[order], target[order], relation[order]
    # times as ranks, so that a limit in time is a whole number
    moments = np.unique(dated["time"].to_numpy(np.int64))
    rated = _ratings(dated, moments, 2 * relation_of[inputs.train_type])
    return Network(
        nodes=inputs.nodes,
        types=both.types,
        target=np.concatenate([target, rated.target]).astype(np.int32),
        relation=np.concatenate([relation, rated.relation]).astype(np.int16),
        time=np.concatenate([np.full(len(target), NO_TIME), moments[rated.rank]]),
        knowledge=offsets(inputs.nodes, source),
        ratings=offsets(inputs.nodes, rated.source),
        degree=degree,
        moments=moments,
        rating_keys=rated.source * (len(moments) + 1) + rated.rank,
        history=_history(train),
    )


def _knowledge(edges: EdgeList, numbers: dict[str, int]) -> tuple[Ints, Ints, Ints]:
    """Both directions. Of several relations between two nodes the first type by name counts,
    and of one type in both directions the relation that begins at the smaller node."""
    kind = 2 * np.array([numbers[name] for name in edges.types], np.int64)[edges.kind]
    pairs = pd.DataFrame(
        {
            "source": np.concatenate([edges.source, edges.target]),
            "target": np.concatenate([edges.target, edges.source]),
            "kind": np.concatenate([kind, kind]),
            "against": np.repeat([0, 1], len(kind)),
        }
    )
    pairs["downward"] = (pairs["source"] > pairs["target"]) != (pairs["against"] == 1)
    pairs = pairs.sort_values(["source", "target", "kind", "downward"])
    pairs = pairs.drop_duplicates(["source", "target"])
    relation = (pairs["kind"] + pairs["against"]).to_numpy()
    return pairs["source"].to_numpy(), pairs["target"].to_numpy(), relation


@dataclass(frozen=True)
class _Ratings:
    source: Ints
    target: Ints
    relation: Ints
    rank: Ints


def _ratings(dated: pd.DataFrame, moments: Ints, along: int) -> _Ratings:
    """Both directions, sorted by source, time and target."""
    user, item = dated["user"].to_numpy(np.int64), dated["item"].to_numpy(np.int64)
    rank = np.searchsorted(moments, dated["time"].to_numpy(np.int64))
    source, target = np.concatenate([user, item]), np.concatenate([item, user])
    rank = np.concatenate([rank, rank])
    order = np.lexsort((target, rank, source))
    relation = np.repeat([along, along + 1], len(user))
    return _Ratings(source[order], target[order], relation[order], rank[order])


def _history(train: pd.DataFrame) -> History:
    rows = train.sort_values(["user", "seq"])
    columns = {name: rows[name].to_numpy(np.int64) for name in ("user", "item", "seq", "time")}
    width = int(columns["seq"].max(initial=0)) + 2
    return History(width, columns["user"] * width + columns["seq"], **columns)
