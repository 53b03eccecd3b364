"""TransR: nodes meet in a space of their relation, where it leads from head to tail ([TransR])."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..triples import Triples

_TRIES = 20  # draws of a node that makes no triple; a row without one teaches nothing


class TransR(nn.Module):
    """Vectors of nodes ``(nodes, d)`` and relations ``(relations, k)``, a matrix per relation.

    ``f(h, r, t) = |v_h M_r + r - v_t M_r|²``, small for what is true. The matrices ``(d, k)`` begin
    as ones on the diagonal, which for ``d = k`` is TransE.
    """

    def __init__(self, nodes: int, relations: int, size: int, relation_size: int) -> None:
        super().__init__()
        self.nodes = nn.Parameter(torch.randn(nodes, size) / math.sqrt(size))
        spread = 1 / math.sqrt(relation_size)
        self.relations = nn.Parameter(spread * torch.randn(relations, relation_size))
        self.matrices = nn.Parameter(torch.eye(size, relation_size).repeat(relations, 1, 1))

    def distances(self, heads: Tensor, relations: Tensor, tails: Tensor) -> Tensor:
        """``f`` of triples ``(B,)``, which are in the order of their relations."""
        return self._lengths(self.nodes[heads] - self.nodes[tails], relations)

    def loss(self, rows: Tensor) -> Tensor:
        """``-Σ ln σ(f(h, r, t') - f(h, r, t))`` over rows ``(B, 4)`` of :class:`Corrupted`."""
        ends = rows[:, [0, 2, 3]].T.flatten()
        # one look-up, because each costs a gradient of the whole table
        head, tail, wrong = functional.embedding(ends, self.nodes).chunk(3)
        right = self._lengths(head - tail, rows[:, 1])
        return -functional.logsigmoid(self._lengths(head - wrong, rows[:, 1]) - right).sum()

    def _lengths(self, apart: Tensor, relations: Tensor) -> Tensor:
        """``|(v_h - v_t) M_r + r|²`` from ``v_h - v_t`` ``(B, d)``."""
        kinds, counts = torch.unique_consecutive(relations, return_counts=True)
        parts = zip(kinds.tolist(), torch.split(apart, counts.tolist()), strict=True)
        projected = [part @ self.matrices[kind] for kind, part in parts]
        moved = torch.cat([*projected, apart.new_zeros(0, self.relations.shape[1])])
        return (moved + self.relations[relations]).square().sum(1)


class Corrupted:
    """Triples beside which stands a tail that would make them false."""

    def __init__(self, triples: Triples) -> None:
        self.rows, self.nodes = torch.from_numpy(triples.rows), triples.nodes
        self.names = len(triples.relations)
        self.known = torch.sort(self._keys(self.rows, self.rows[:, 2])).values

    def draw(self, size: int) -> Tensor:
        """At most so many rows ``head, relation, tail, another tail``, by relation.

        The other tail is uniform among the nodes with which head and relation are no triple.
        """
        rows = self.rows[torch.randint(len(self.rows), (size,))]
        rows = rows[torch.argsort(rows[:, 1], stable=True)]
        wrong = torch.randint(self.nodes, (size,))
        for _ in range(_TRIES):
            again = torch.nonzero(self._true(rows, wrong))[:, 0]
            wrong[again] = torch.randint(self.nodes, (len(again),))
        rows = torch.cat([rows, wrong[:, None]], 1)
        return rows[~self._true(rows, wrong)]

    def _true(self, rows: Tensor, tails: Tensor) -> Tensor:
        keys = self._keys(rows, tails)
        place = torch.searchsorted(self.known, keys).clamp(max=len(self.known) - 1)
        return torch.eq(self.known[place], keys)

    def _keys(self, rows: Tensor, tails: Tensor) -> Tensor:
        return (rows[:, 0] * self.names + rows[:, 1]) * self.nodes + tails
