"""The network of paths: a shared LSTM per path, pooled states, closeness ([RKAN], eq. 1 to 4).

B pairs have P paths, each pair at most S; D ``embedding_size``, H ``hidden_size``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence

from ..training.dropout import Dropout
from ..training.path_pairs import HistoryRows, PathBatch, PathNetwork, PathRows
from ..training.rated import spread

Pooling = Literal["average", "max", "attention"]
Pool = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]


class RecurrentPaths(PathNetwork):
    """Node embeddings, the LSTM, pooling, and the layer that gives the closeness.

    :param items: the first nodes; a user is known by those that they have.
    :param nodes: all nodes: items, entities, and users that a path passes.
    """

    def __init__(
        self,
        items: int,
        nodes: int,
        embedding_size: int,
        hidden_size: int,
        pooling: Pooling,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.items, self.pooling = items, pooling
        self.nodes = _table(nodes, embedding_size)
        self.having = _table(items, embedding_size)
        self.lstm = nn.LSTM(embedding_size, hidden_size, batch_first=True)
        self.closeness = nn.Linear(hidden_size, 1)
        self.dropout = Dropout(dropout)

    def forward(self, batch: PathBatch) -> tuple[Tensor, Tensor]:
        users = self.users_without(batch)
        owner = torch.arange(len(users), device=users.device).repeat_interleave(
            batch.paths.real.sum(1)
        )
        shares = self.shares(self.states(users[owner], batch.paths), batch.paths.real)[0]
        closeness = shares.sum(1) + self.closeness.bias
        return closeness, (users * self.nodes(batch.items)).sum(-1)

    def users(self, histories: HistoryRows) -> Tensor:
        """``Σ y_i / √n`` over the items of each history: ``(U, D)``, 0 without one."""
        found: Tensor = self._sums(histories) / histories.counts.clamp(min=1).sqrt()[:, None]
        return found

    def users_without(self, batch: PathBatch) -> Tensor:
        """The same for each pair ``(B, D)``, without the item that is asked about."""
        sums = self._sums(batch.histories)[batch.owner]
        sums = sums - batch.targets[:, None] * self.having(batch.items)
        counts = batch.histories.counts[batch.owner] - batch.targets
        found: Tensor = sums / counts.clamp(min=1).sqrt()[:, None]
        return found

    def states(self, users: Tensor, paths: PathRows) -> Tensor:
        """The state of each path ``(P, H)`` at its end, from its user's vector ``(P, D)`` on.

        With attention it is the cell's ``C`` of eq. 1, else the LSTM's output ``o * tanh C``.
        """
        steps: Tensor = torch.cat([users[:, None], self.nodes(paths.nodes[:, 1:])], dim=1)
        steps = self.dropout(steps)
        if not len(steps):
            return steps.new_zeros((0, self.lstm.hidden_size))
        if int(paths.lengths.min()) == steps.shape[1]:
            _, (output, cell) = self.lstm(steps)
        else:
            packed = pack_padded_sequence(
                steps, paths.lengths.cpu(), batch_first=True, enforce_sorted=False
            )
            _, (output, cell) = self.lstm(packed)
        return self._state(output, cell)

    def states_from(self, user: Tensor, begun: Tensor, owner: Tensor, ends: Tensor) -> Tensor:
        """The states ``(P, H)`` of paths that often begin alike, each beginning taken once.

        :param user: the user's vector ``(D,)``; ``begun`` ``(K, T)`` are the nodes after it.
        :param owner: the beginning of each path, ``(P,)``; ``ends`` ``(P,)`` are the last nodes.
        """
        if not len(ends):
            return user.new_zeros((0, self.lstm.hidden_size))
        first = user.expand(len(begun), 1, -1)
        _, (output, cell) = self.lstm(torch.cat([first, self.nodes(begun)], dim=1))
        last = self.nodes(ends)[:, None]
        _, (output, cell) = self.lstm(last, (output[:, owner], cell[:, owner]))
        return self._state(output, cell)

    def _state(self, output: Tensor, cell: Tensor) -> Tensor:
        return (cell if self.pooling == "attention" else output)[0]

    def shares(self, states: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
        """What each path adds to the closeness, and its attention weight.

        :param states: ``(P, H)``, of the places where ``real`` ``(B, S)``.
        :returns: ``(B, S)`` both, 0 where there is no path; the first, with the bias, adds up to
            the closeness before the sigmoid, the second to 1 where a pair has a path.
        """
        pooled, weights = _POOLS[self.pooling](spread(real, states), real)
        return pooled @ self.closeness.weight[0], weights

    def _sums(self, histories: HistoryRows) -> Tensor:
        return nn.functional.embedding_bag(
            histories.items, self.having.weight, histories.offsets, mode="sum"
        )


def average(states: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """Parts ``(B, S, H)`` of the mean of the real states, and the weights ``(B, S)``."""
    weights = real / real.sum(1, keepdim=True).clamp(min=1)
    return states * weights[..., None], weights


def maximum(states: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """Parts of the greatest real state of each dimension: it is the part of its path, the first.

    A path's weight is the share of dimensions that it gives.
    """
    if not real.shape[1]:
        return states, real.float()
    best = states.masked_fill(~real[..., None], -torch.inf).argmax(1, keepdim=True)
    chosen = torch.zeros_like(states).scatter_(1, best, 1.0) * real[..., None]
    return states * chosen, chosen.mean(-1)


def attention(states: Tensor, real: Tensor) -> tuple[Tensor, Tensor]:
    """Parts ``W_ij D_ij`` of eq. 3, with ``W = softmax(D Dᵀ / d_k) D`` of eq. 2 as written.

    It is divided by ``d_k``, not by its root. A path's weight is the mean of what the pair's
    paths look at it.
    """
    scores = states @ states.transpose(1, 2) / states.shape[-1]
    looks = torch.nan_to_num(scores.masked_fill(~real[:, None], -torch.inf).softmax(-1))
    looks = looks * real[..., None]  # (B, S, S): of each path, at each
    weights = looks.sum(1) / real.sum(1, keepdim=True).clamp(min=1)
    return (looks @ states) * states, weights


_POOLS: dict[str, Pool] = {"average": average, "max": maximum, "attention": attention}


def _table(rows: int, size: int) -> nn.Embedding:
    found = nn.Embedding(rows, size)
    nn.init.normal_(found.weight, std=1 / math.sqrt(size))
    return found
