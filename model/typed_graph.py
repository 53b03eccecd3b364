"""Users of train, items and knowledge as one graph whose edges have types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from .data import FloatArray, IntArray, Interactions
from .histories import user_matrix
from .triples import Triples


@dataclass(frozen=True)
class TypedGraph:
    """Nodes are items, then entities, then users of train; each edge is walked both ways.

    The first type is that of interactions, and has no name; the others are ``relations``, whose
    names may be any. ``counts`` ``(types,)`` says how many edges each has. Edge ``e`` goes from
    ``starts[e]`` to ``ends[e]`` and has ``shares[e]``: 1 / (how many edges of type ``types[e]``
    leave there).
    """

    items: int
    known: int  # items and entities
    nodes: int
    relations: tuple[str, ...]
    counts: IntArray
    starts: IntArray
    ends: IntArray
    types: IntArray
    shares: npt.NDArray[np.float64]

    @classmethod
    def of(cls, train: Interactions, triples: Triples | None, users: bool = True) -> Self:
        """The graph of train and of what is known; edges from a node to itself are left out.

        :param triples: None where nothing is known.
        :param users: False leaves out the users, and with them all interactions.
        """
        items = len(train.catalogue)
        known = items if triples is None else triples.nodes
        relations = () if triples is None else triples.relations
        types, parts = 1 + len(relations), [np.zeros((0, 3), np.int64)]
        if users:
            had = user_matrix(train).tocoo()
            parts.append(_rows(known + had.coords[0], 0, had.coords[1]))
        if triples is not None:
            parts.append(_rows(triples.rows[:, 0], triples.rows[:, 1] + 1, triples.rows[:, 2]))
        edges = np.concatenate(parts)
        edges = edges[edges[:, 0] != edges[:, 2]]
        counts = np.bincount(edges[:, 1], minlength=types)
        both = np.unique(np.concatenate([edges, edges[:, ::-1]]), axis=0)
        key = both[:, 0] * types + both[:, 1]
        leaving = np.bincount(key, minlength=1)[key]
        nodes = known + (len(train.users) if users else 0)
        return cls(
            items,
            known,
            nodes,
            relations,
            counts,
            both[:, 0],
            both[:, 2],
            both[:, 1],
            1 / leaving,
        )

    def weighted(self, weights: Sequence[float] | FloatArray | None = None) -> sparse.csr_array:
        """Edges whose weights are, for each type that leaves a node, ``weights`` in all.

        :param weights: one per type, none of them negative; None gives each edge weight 1.
        :returns: ``(nodes, nodes)``, from rows to columns, without edges of weight 0.
        """
        data = np.ones(len(self.types))
        if weights is not None:
            data = np.asarray(weights, np.float64)[self.types] * self.shares
        shape = (self.nodes, self.nodes)
        found = sparse.coo_array((data, (self.starts, self.ends)), shape=shape).tocsr()
        found.eliminate_zeros()
        return found


def _rows(heads: IntArray, types: IntArray | int, tails: IntArray) -> IntArray:
    """``(edges, 3)``: from where, of which type, to where."""
    found = np.empty((len(heads), 3), np.int64)
    found[:, 0], found[:, 1], found[:, 2] = heads, types, tails
    return found
