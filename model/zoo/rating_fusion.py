"""Knowledge of the movie that is asked about, fused by the state of the LSTM.

[KG-LSTM], section 3.4.2 and eq. 3.17: ``f_fused = Attention(f_kg, f_lstm)``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor, nn

from .fusion import unit_scale


class KnowledgeFusion(nn.Module):
    """Attention over sources, with the LSTM's state as the query.

    The sources are the user's interest ``z_0 = W_0 [h_T; c]`` and, of the movie ``m`` that is
    asked about, its vector from each job, ``z_s = W_s k_s(m)``::

        a = softmax_s(⟨W_q h_T, tanh(z_s)⟩ / √H + p_s)
        f = Σ_s a_s z_s

    So each user, at each moment, says how much knowledge counts. A vector of zeros, of a movie
    about which nothing is known, gets no weight.

    :param sources: width of the vectors by job.
    :param interest: width of ``[h_T; c]``; ``size`` is H, that of ``h_T``.
    """

    def __init__(self, n_items: int, sources: Mapping[str, int], interest: int, size: int) -> None:
        super().__init__()
        self.names = tuple(sources)
        self.interest = nn.Linear(interest, size)
        self.maps = nn.ModuleList(nn.Linear(width, size, bias=False) for width in sources.values())
        self.query = nn.Linear(size, size, bias=False)
        self.prior = nn.Parameter(torch.zeros(1 + len(sources)))
        for name, width in sources.items():
            self.register_buffer(f"knowledge_{name}", torch.zeros(n_items, width))

    @property
    def widths(self) -> dict[str, int]:
        return {name: self._of(name).shape[1] for name in self.names}

    def set_knowledge(self, name: str, vectors: Tensor) -> None:
        """Give a source its vectors ``(N, width)``, scaled to a mean square of 1 per known item."""
        self._of(name).copy_(vectors / unit_scale(vectors))

    def forward(self, state: Tensor, interest: Tensor, items: Tensor) -> Tensor:
        """``f`` ``(B, K, H)`` of ``h_T``, ``[h_T; c]`` and the movies asked about."""
        weights, sources = self.weights_and_sources(state, interest, items)
        return (weights[..., None] * sources).sum(-2)

    def weights_and_sources(
        self, state: Tensor, interest: Tensor, items: Tensor
    ) -> tuple[Tensor, Tensor]:
        """``a`` ``(B, K, S)``, rows summing to 1, and ``z`` ``(B, K, S, H)``."""
        vectors = [self._of(name)[items] for name in self.names]
        mapped = [
            layer(one) / math.sqrt(one.shape[-1])
            for layer, one in zip(self.maps, vectors, strict=True)
        ]
        sources = torch.stack([self.interest(interest), *mapped], dim=-2)
        unknown = torch.stack(
            [torch.zeros_like(items, dtype=torch.bool), *((one == 0).all(-1) for one in vectors)],
            dim=-1,
        )
        agreement = (torch.tanh(sources) @ self.query(state)[..., None]).squeeze(-1)
        logits = agreement / math.sqrt(state.shape[-1]) + self.prior
        return logits.masked_fill(unknown, -torch.inf).softmax(-1), sources

    def _of(self, name: str) -> Tensor:
        return self.get_buffer(f"knowledge_{name}")
