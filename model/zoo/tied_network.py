"""Networks whose items have one vector each, both as what was had and as what is recommended.

Shapes: B sequences in a batch, T positions, N items, D ``embedding_size``.
"""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn

from ..training.next_item import NextItemNetwork

_SPREAD = 0.02  # of what weights begin with


class TiedNetwork(NextItemNetwork):
    """``score(t, j) = ⟨x(t), e_j⟩ + b_j``, with ``x`` made of ``e`` of the items up to t.

    Before the first event x is 0, so that the score is ``b_j``.
    """

    def __init__(self, n_items: int, size: int) -> None:
        super().__init__()
        self.items = nn.Parameter(torch.empty(n_items, size))
        self.bias = nn.Parameter(torch.zeros(n_items))

    @abstractmethod
    def states(self, embedded: Tensor) -> Tensor:
        """``x`` after each event from ``e`` of the events: ``(B, T, D)``, T at least 1.

        What comes later changes no position.
        """

    def item_inputs(self) -> Tensor:
        """``e`` of all items, ``(N, D)``."""
        return self.items

    def item_vectors(self, inputs: Tensor) -> Tensor:
        """``(e_j, b_j)`` of all items, ``(N, D + 1)``."""
        return torch.cat([inputs, self.bias[:, None]], dim=1)

    def forward(self, sequences: Tensor, inputs: Tensor, gains: Tensor | None = None) -> Tensor:
        """User vectors after each event, constant coordinate included: ``(B, T, D + 1)``.

        :param gains: not used: all events are alike to these networks.
        """
        if not sequences.shape[1]:  # histories of one event ask only before it
            return inputs.new_zeros(len(sequences), 0, inputs.shape[1] + 1)
        states = self.states(inputs[sequences])
        return torch.cat([states, torch.ones_like(states[..., :1])], dim=2)

    def no_history(self, size: int) -> Tensor:
        """User vectors before any event, ``(size, D + 1)``: zeros, and the constant 1."""
        vectors = self.items.new_zeros(size, self.items.shape[1] + 1)
        vectors[:, -1] = 1
        return vectors


def draw_small(network: TiedNetwork) -> None:
    """Weights of items and linear maps from N(0, .02²), biases 0."""
    nn.init.normal_(network.items, std=_SPREAD)
    for module in network.modules():
        if isinstance(module, nn.Linear):
            nn.init.normal_(module.weight, std=_SPREAD)
            nn.init.zeros_(module.bias)
