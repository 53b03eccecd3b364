"""The network of the attention-LSTM: sequences in, user vectors out.

Shapes: B sequences in a batch, T positions, H heads, N items, D ``embedding_size``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn

from ..training.dropout import Dropout
from ..training.next_item import NextItemNetwork
from .fusion import Fusion

DISTANCES = 32  # buckets of the learned bias by distance; exact up to half of them
_SHORTEST = 1e-12  # length of an item's vector at least, before it gets its length
_BLOCK = 64  # positions that ask at once: no time is spent on what is later than the last of them


class AttentionLSTM(NextItemNetwork):
    """User vectors as attention-weighted sums of linear maps of the history's embeddings.

    With LSTM states ``h_1 … h_T`` over the fused embeddings ``v(i_1) … v(i_T)``, for head h
    and position t' ≤ t::

        α_h(t, t') = softmax_t'(⟨Q_h h_t, K_h h_t'⟩ / √d + c_h(t - t'))
        u(t)       = Σ_t' g(t') Σ_h α_h(t, t') W_h v(i_t')
        score(t,j) = ⟨u(t), o_j⟩ + b_j

    where ``(o_j, b_j)``, bias coordinate included, has one length τ for all items (learned).
    The user's constant coordinate is 1. Before the first event u is 0: the score is b_j. The
    gain g(t') is by the event's rating (:mod:`reelgraph.model.rating_gains`).
    """

    def __init__(
        self,
        n_items: int,
        sources: Mapping[str, int],
        *,
        embedding_size: int,
        hidden_size: int,
        heads: int,
        dropout: float,
        facts: tuple[int, int] = (0, 0),
        id_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        if hidden_size % heads:
            raise ValueError("hidden_size must be a multiple of heads")
        self.heads = heads
        self.fusion = Fusion(n_items, embedding_size, sources, facts, id_dropout)
        self.lstm = nn.LSTM(embedding_size, hidden_size, batch_first=True)
        self.queries = nn.Linear(hidden_size, hidden_size, bias=False)
        self.keys = nn.Linear(hidden_size, hidden_size, bias=False)
        self.distance = nn.Parameter(torch.zeros(heads, DISTANCES))
        self.values = nn.Linear(heads * embedding_size, embedding_size, bias=False)
        self.output = nn.Linear(embedding_size, embedding_size, bias=False)
        self.log_temperature = nn.Parameter(torch.tensor(math.log(8.0)))
        self.dropout = Dropout(dropout)

    def item_inputs(self) -> Tensor:
        """``(v, b)`` of all items, ``(N, D + 1)``."""
        return self.fusion.weights_and_vectors()[1]

    def item_vectors(self, fused: Tensor) -> Tensor:
        """``(o_j, b_j)`` of all items, ``(N, D + 1)``, each of length τ."""
        vectors = torch.cat([self.output(fused[:, :-1]), fused[:, -1:]], dim=1)
        # lengths by a product: functional.normalize takes three times as long
        lengths = torch.linalg.vecdot(vectors, vectors).sqrt().clamp_min(_SHORTEST)
        scaled: Tensor = vectors * (self.log_temperature.exp() / lengths)[:, None]
        return scaled

    def states(self, embedded: Tensor) -> Tensor:
        """LSTM states ``(B, T, hidden)``."""
        states: Tensor = self.dropout(self.lstm(self.dropout(embedded))[0])
        return states

    def attention(self, states: Tensor, last: Tensor) -> Tensor:
        """``α`` of one position of each sequence, ``(B, H, 1, T)``.

        :param last: ``(B,)`` the position that asks.
        """
        size, length, _ = states.shape
        asking = states[torch.arange(size, device=states.device), last][:, None]
        distance = last[:, None, None] - torch.arange(length, device=states.device)
        bias = self._distance_bias(distance).transpose(0, 1)
        logits = self._queries(asking) @ self._keys(states) + bias
        return logits.softmax(3)

    def recency(self, last: Tensor, length: int) -> Tensor:
        """``α`` of one position of each sequence if all states were alike, ``(B, H, 1, T)``."""
        distance = last[:, None, None] - torch.arange(length, device=last.device)
        return self._distance_bias(distance).transpose(0, 1).softmax(3)

    def attention_blocks(self, states: Tensor) -> Iterator[Tensor]:
        """``α`` of all positions, a block of them at a time: ``(B, H, asking, asked)``.

        The positions that are asked end with the last of those that ask. Blocks save half of
        the work on long sequences, and what they hold stays in the processor's cache.
        """
        length = states.shape[1]
        queries, keys = self._queries(states), self._keys(states)
        width = -(-length // _BLOCK) * _BLOCK
        # the bias depends on distances only: that of the last block holds those of all
        positions = torch.arange(width, device=states.device)
        bands = self._distance_bias(positions[-_BLOCK:, None] - positions)
        for start in range(0, length, _BLOCK):
            end = min(start + _BLOCK, length)
            offset = width - _BLOCK - start
            logits = queries[:, :, start:end] @ keys[..., :end]
            logits += bands[:, : end - start, offset : offset + end]
            yield logits.softmax(3)

    def forward(self, sequences: Tensor, fused: Tensor, gains: Tensor | None = None) -> Tensor:
        """User vectors after each event, constant coordinate included: ``(B, T, D + 1)``.

        :param sequences: ``(B, T)`` item indices; padding on the right changes nothing before it.
        :param fused: ``(v, b)`` of all items, ``(N, D + 1)``.
        :param gains: ``g`` of the events, ``(B, T)``; None for 1.
        """
        if not sequences.shape[1]:  # histories of one event ask only before it
            return fused.new_zeros(len(sequences), 0, self.values.out_features + 1)
        embedded = fused[:, :-1][sequences]
        states = self.states(embedded)
        values = self._values(embedded, gains)
        return self._users([_mix(part, values) for part in self.attention_blocks(states)])

    def read_out(self, attention: Tensor, embedded: Tensor, gains: Tensor | None = None) -> Tensor:
        """``Σ_h W_h Σ_t α_h(t) g(t) v(i_t)``, and the constant: ``(B, asked, D + 1)``."""
        return self._users([_mix(attention, self._values(embedded, gains))])

    def no_history(self, size: int) -> Tensor:
        """User vectors before any event, ``(size, D + 1)``: zeros, and the constant 1."""
        vectors = self.distance.new_zeros(size, self.values.out_features + 1)
        vectors[:, -1] = 1
        return vectors

    def head_values(self, embedded: Tensor) -> Tensor:
        """``W_h v``, one row a head: ``(…, D)`` to ``(H, …, D)``."""
        size = embedded.shape[-1]
        maps = self.values.weight.view(size, self.heads, size).permute(1, 2, 0)  # (H, in, out)
        flat: Tensor = embedded.reshape(1, -1, size) @ maps
        return flat.view(self.heads, *embedded.shape)

    def _values(self, embedded: Tensor, gains: Tensor | None) -> Tensor:
        values: Tensor = self.dropout(embedded)
        return values if gains is None else values * gains[..., None]

    def _users(self, mixed: Sequence[Tensor]) -> Tensor:
        users = self.values(torch.cat([one.transpose(1, 2).flatten(2) for one in mixed], 1))
        return torch.cat([users, torch.ones_like(users[..., :1])], dim=2)

    def _queries(self, states: Tensor) -> Tensor:
        """``Q_h h / √d`` of states: ``(B, H, T, d)``."""
        scale = math.sqrt(self.queries.out_features / self.heads)
        return self._split(self.queries(states) / scale).contiguous()

    def _keys(self, states: Tensor) -> Tensor:
        """``K_h h`` of states, ready to be multiplied: ``(B, H, d, T)``."""
        return self._split(self.keys(states)).contiguous().transpose(2, 3)

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)

    def _distance_bias(self, distance: Tensor) -> Tensor:
        """``c_h`` of distances, -inf for what comes later: ``(H, *distance.shape)``."""
        found = self.distance.index_select(1, distance_bucket(distance).flatten())
        return found.view(self.heads, *distance.shape).masked_fill(distance < 0, -torch.inf)


def _mix(attention: Tensor, values: Tensor) -> Tensor:
    """``Σ_t α_h(t) v_t``, for ``α`` ``(B, H, asking, asked)``: ``(B, H, asking, D)``.

    All heads in one product: they mix the same values, which need not be repeated for them.
    """
    size, heads, asking, asked = attention.shape
    flat = attention.reshape(size, heads * asking, asked) @ values[:, :asked]
    return flat.view(size, heads, asking, -1)


def distance_bucket(distance: Tensor) -> Tensor:
    """Bucket of a distance: exact below 16, then logarithmic up to 512 and beyond."""
    exact = DISTANCES // 2
    distance = distance.clamp(min=0)
    log = (distance.clamp(min=1) / exact).log() / math.log(512 / exact) * (DISTANCES - exact - 1)
    return torch.where(distance < exact, distance, (exact + log.long()).clamp(max=DISTANCES - 1))
