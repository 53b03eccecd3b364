"""The network of SASRec: causal self-attention over the history.

Shapes: B sequences in a batch, T positions, H heads, D ``embedding_size``.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..training.dropout import Dropout
from .tied_network import TiedNetwork, draw_small


class SASRecNetwork(TiedNetwork):
    """[SASRec]: ``x(t) = norm(blocks(√D e(i_t) + p(t)))``, with a learned p for each place.

    Places are counted from the oldest event that is looked at, so that what comes later changes
    none; as published they are counted from the newest. Those from ``places`` on share the last.
    """

    def __init__(
        self, n_items: int, size: int, *, blocks: int, heads: int, dropout: float, places: int
    ) -> None:
        super().__init__(n_items, size)
        self.places = nn.Parameter(torch.empty(places, size))
        self.blocks = nn.ModuleList(AttentionBlock(size, heads, dropout) for _ in range(blocks))
        self.norm = nn.LayerNorm(size)
        self.dropout = Dropout(dropout)
        draw_small(self)
        nn.init.normal_(self.places, std=0.02)

    def states(self, embedded: Tensor) -> Tensor:
        length, size = embedded.shape[1:]
        place = torch.arange(length, device=embedded.device).clamp(max=len(self.places) - 1)
        x = self.dropout(math.sqrt(size) * embedded + self.places[place])
        for block in self.blocks:
            x = block(x)
        found: Tensor = self.norm(x)
        return found


class AttentionBlock(nn.Module):
    """Attention to earlier positions, then a map of each position, both added to what came in.

    With ``q, k, v`` linear in ``norm(x)``, for head h::

        a_h(t) = Σ_{t' ≤ t} softmax_t'(⟨q_h(t), k_h(t')⟩ / √(D / H)) v_h(t')
        y(t)   = x(t) + W [a_1(t) … a_H(t)] + b
        z(t)   = y(t) + W_2 relu(W_1 norm(y(t)) + b_1) + b_2
    """

    def __init__(self, size: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.attention_norm = nn.LayerNorm(size)
        self.enter = nn.Linear(size, 3 * size)  # q, k and v, each head after head
        self.leave = nn.Linear(size, size)
        self.map_norm = nn.LayerNorm(size)
        self.first = nn.Linear(size, size)
        self.second = nn.Linear(size, size)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, T, D)`` to as many."""
        x = x + self.dropout(self.attended(self.attention_norm(x)))
        inner = self.dropout(torch.relu(self.first(self.map_norm(x))))
        mapped: Tensor = x + self.dropout(self.second(inner))
        return mapped

    def attended(self, x: Tensor) -> Tensor:
        """``W a(t) + b`` of all positions, ``(B, T, D)``."""
        size, length, _ = x.shape
        parts = self.enter(x).view(size, length, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        asking, asked, values = parts  # each (B, H, T, D / H)
        dropped = self.dropout.p if self.training else 0.0
        mixed = functional.scaled_dot_product_attention(
            asking, asked, values, dropout_p=dropped, is_causal=True
        )
        left: Tensor = self.leave(mixed.transpose(1, 2).flatten(2))
        return left
