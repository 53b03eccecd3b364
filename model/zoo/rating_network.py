"""Parts of the networks that predict ratings.

Shapes: B histories of T events, K questions to each, N items, E ``embedding_size``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from ..rating_context import Scale
from ..training.dropout import Dropout
from ..training.rated import Padded


class UserVectors(nn.Module):
    """A user's vector, made of the history: ``E_u`` of [KG-LSTM], eq. 3.8, for any user.

    After ``n`` events it is ``Σ (y_i + r_i w_i) / √n`` with two learned vectors per item and ``r``
    the rating in standard deviations from the mean, as SVD++ has it. A table of users' vectors,
    as there, would know nobody new.
    """

    def __init__(self, n_items: int, size: int) -> None:
        super().__init__()
        self.having = _vectors(n_items, size)
        self.rated = _vectors(n_items, size)

    def forward(self, histories: Padded) -> Tensor:
        """After 0 … T events: ``(B, T + 1, E)``."""
        ratings = histories.steps[..., :1]
        events = self.having(histories.items) + ratings * self.rated(histories.items)
        sums = nn.functional.pad(events.cumsum(1), (0, 0, 1, 0))
        counts = torch.arange(sums.shape[1], device=sums.device).clamp(min=1)
        return sums / counts.sqrt()[:, None]


class OnScale(nn.Module):
    """``σ`` of eq. 3.15 and 3.24, from the lowest to the highest rating of train."""

    low: Tensor
    high: Tensor

    def __init__(self, scale: Scale) -> None:
        super().__init__()
        self.register_buffer("low", torch.tensor(scale.low))
        self.register_buffer("high", torch.tensor(scale.high))

    def forward(self, x: Tensor) -> Tensor:
        return self.low + (self.high - self.low) * x.sigmoid()


def item_vectors(n_items: int, size: int) -> nn.Embedding:
    """``E_m``, eq. 3.9."""
    return _vectors(n_items, size)


def layers(sizes: Sequence[int], dropout: float, bias: float = 0.0) -> nn.Sequential:
    """Linear maps from each size to the next, with ReLU and dropout between them.

    :param bias: what the last map begins with.
    """
    found: list[nn.Module] = []
    for width, size in pairwise(sizes):
        found += [nn.Linear(width, size), nn.ReLU(), Dropout(dropout)]
    last = found[-3]
    assert isinstance(last, nn.Linear)
    nn.init.constant_(last.bias, bias)
    return nn.Sequential(*found[:-2])


def at(places: Tensor, values: Tensor) -> Tensor:
    """``values`` ``(B, T + 1, D)`` after as many events as ``places`` ``(B, K)`` say."""
    wanted = places[..., None].expand(-1, -1, values.shape[-1])
    return values.gather(1, wanted)


def _vectors(n_items: int, size: int) -> nn.Embedding:
    found = nn.Embedding(n_items, size)
    nn.init.normal_(found.weight, std=0.1 / math.sqrt(size))
    return found
