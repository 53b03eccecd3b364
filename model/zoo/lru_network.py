"""The network of LRURec: linear recurrences over the history.

Shapes: B sequences in a batch, T positions, D ``embedding_size``, S = 2 D complex states.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..training.dropout import Dropout
from .tied_network import TiedNetwork, draw_small

_SMALLEST, _LARGEST = 0.8, 0.99  # sizes of λ at the beginning


class LRUNetwork(TiedNetwork):
    """[LRURec]: the items' vectors, normalised, through blocks; x is what the last one returns."""

    def __init__(self, n_items: int, size: int, *, blocks: int, dropout: float) -> None:
        super().__init__(n_items, size)
        self.norm = nn.LayerNorm(size)
        self.blocks = nn.ModuleList(RecurrentBlock(size, dropout) for _ in range(blocks))
        self.dropout = Dropout(dropout)
        draw_small(self)

    def states(self, embedded: Tensor) -> Tensor:
        x: Tensor = self.norm(self.dropout(embedded))
        for block in self.blocks:
            x = block(x)
        return x


class RecurrentBlock(nn.Module):
    """A linear recurrence, then a map of each position, both added to what came in.

    With ``λ = exp(-exp ν + i exp θ)`` and ``γ = exp(log γ)``, one of each for a state::

        h_t = λ h_(t-1) + γ (W_in x_t + b_in)        complex, (S,)
        y_t = norm(x_t + Re(W_out h_t) + b_out)
        z_t = norm(y_t + W_2 gelu(W_1 y_t + b_1) + b_2)

    As ``|λ| < 1``, what was long ago fades, at a rate of each state's own.
    """

    def __init__(self, size: int, dropout: float) -> None:
        super().__init__()
        states = 2 * size
        self.rates = nn.Parameter(_first_rates(states))  # ν, θ, log γ: (3, S)
        self.enter = nn.Linear(size, 2 * states)  # real parts, then imaginary ones
        self.leave = nn.Linear(2 * states, size)
        self.recurrence_norm = nn.LayerNorm(size)
        self.widen = nn.Linear(size, 4 * size)
        self.narrow = nn.Linear(4 * size, size)
        self.map_norm = nn.LayerNorm(size)
        self.dropout = Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        """``(B, T, D)`` to as many."""
        x = self.recurrence_norm(x + self.dropout(self.recurred(x)))
        widened = self.dropout(functional.gelu(self.widen(x)))
        mapped: Tensor = self.map_norm(x + self.dropout(self.narrow(widened)))
        return mapped

    def recurred(self, x: Tensor) -> Tensor:
        """``Re(W_out h_t) + b_out`` of all positions, ``(B, T, D)``."""
        decay, angle, scale = self.rates.exp()
        factor = torch.polar(torch.exp(-decay), angle)
        real, imaginary = self.enter(x).float().chunk(2, dim=-1)
        states = linear_recurrence(torch.complex(real * scale, imaginary * scale), factor)
        # the real part of a complex product is a real product of both parts, one with -W
        left: Tensor = self.leave(torch.cat([states.real, states.imag], dim=-1))
        return left


def linear_recurrence(given: Tensor, factor: Tensor) -> Tensor:
    """``h_t = λ h_(t-1) + z_t`` for all positions in ``log₂ T`` steps, ``(B, T, S)``.

    After step k, position t has the sum over its last ``2^k`` positions; the next step adds that
    of the position ``2^k`` before, ``λ^(2^k)`` times. What comes later is never read, so padding
    on the right changes nothing.

    :param given: ``z``, ``(B, T, S)``.
    :param factor: ``λ``, ``(S,)``.
    """
    states, reach = given, 1
    while reach < given.shape[1]:
        earlier = functional.pad(states[:, :-reach] * factor, (0, 0, reach, 0))
        states, factor, reach = states + earlier, factor * factor, 2 * reach
    return states


def _first_rates(states: int) -> Tensor:
    """ν, θ and log γ: λ uniform in a ring, and γ such that states stay as large as inputs."""
    within, turn = torch.rand(2, states)
    decay = -0.5 * (within * (_LARGEST**2 - _SMALLEST**2) + _SMALLEST**2).log()
    scale = (1 - torch.exp(-2 * decay)).sqrt()
    return torch.stack([decay, 2 * math.pi * turn.clamp_min(1e-6), scale]).log()
