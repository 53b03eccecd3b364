"""The networks of the LSTMs that predict ratings ([KG-LSTM], section 3.4).

The history's events are read by the LSTM (eq. 3.8 to 3.11); the question is ``f``::

    x_t  = [e_u; e_m; context; rating and time since the last event]     of event t
    h_t  = LSTM(x_t, h_t-1, c_t-1)
    f    = [e_u; e_m; context]                                    of what is asked about
    α_t  = softmax_t(v·tanh(W_h h_t + W_s s + b)),  s = f         eq. 3.12
    c    = Σ α_t h_t                                              eq. 3.13
    z    = [h_T; c; f; f_fused]                                   eq. 3.14
    y    = σ(W_2 ReLU(W_1 z + b_1) + b_2)                         eq. 3.15, on the scale

Eq. 3.12 does not say what ``s`` is, and eq. 3.14 has no ``f``, but the text below it adds "the
original features"; without them nothing would tell which movie is asked about. ``f_fused`` is
:class:`.rating_fusion.KnowledgeFusion`, eq. 3.17, where there is knowledge. The LSTM without
attention has ``z = [h_T; f]``.
"""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from ..rating_context import STEP, Scale
from ..training.dropout import Dropout
from ..training.rated import Asked, Padded, RatingNetwork
from .rating_fusion import KnowledgeFusion
from .rating_network import OnScale, UserVectors, at, item_vectors, layers

_MASKED = -1e9  # finite: where nothing may be looked at, a row of infinities has no gradient


class RatingLSTMNetwork(RatingNetwork):
    """The LSTM without attention; ``wide`` is what ``z`` has beside ``h_T`` and ``f``."""

    def __init__(
        self,
        n_items: int,
        scale: Scale,
        embedding_size: int,
        hidden_size: int,
        dropout: float,
        context: int,
        wide: int = 0,
    ) -> None:
        super().__init__()
        self.users = UserVectors(n_items, embedding_size)
        self.items = item_vectors(n_items, embedding_size)
        self.lstm = nn.LSTM(2 * embedding_size + len(STEP), hidden_size, batch_first=True)
        self.asked_size = 2 * embedding_size + context
        self.dropout = Dropout(dropout)
        sizes = (hidden_size + self.asked_size + wide, hidden_size, 1)
        self.layers = layers(sizes, dropout)
        self.on_scale = OnScale(scale)

    def forward(self, histories: Padded, asked: Asked) -> Tensor:
        users = self.users(histories)
        question = torch.cat(
            [at(asked.places, users), self.items(asked.items), asked.context], dim=-1
        )
        states = self._states(histories, users)
        last = at(asked.places, nn.functional.pad(states, (0, 0, 1, 0)))
        z = self.fused(states, last, question, asked)
        found: Tensor = self.on_scale(self.layers(z).squeeze(-1))
        return found

    def fused(self, states: Tensor, last: Tensor, question: Tensor, asked: Asked) -> Tensor:
        """``z`` ``(B, K, ·)`` of states ``h`` ``(B, T, H)``, ``h_T`` and ``f`` of each question."""
        return torch.cat([last, question], dim=-1)

    def _states(self, histories: Padded, users: Tensor) -> Tensor:
        x = torch.cat([users[:, :-1], self.items(histories.items), histories.steps], dim=-1)
        if not x.shape[1]:
            return x.new_zeros((len(x), 0, self.lstm.hidden_size))
        states: Tensor = self.dropout(self.lstm(x)[0])
        return states


class RatingAttentionNetwork(RatingLSTMNetwork):
    """The attention-LSTM."""

    def __init__(
        self,
        n_items: int,
        scale: Scale,
        embedding_size: int,
        hidden_size: int,
        attention_size: int,
        dropout: float,
        context: int,
        knowledge: Mapping[str, int],
    ) -> None:
        wide = hidden_size * (2 if knowledge else 1)
        super().__init__(n_items, scale, embedding_size, hidden_size, dropout, context, wide)
        self.of_states = nn.Linear(hidden_size, attention_size, bias=False)
        self.of_question = nn.Linear(self.asked_size, attention_size)
        self.scorer = nn.Linear(attention_size, 1, bias=False)
        self.fusion = (
            KnowledgeFusion(n_items, knowledge, 2 * hidden_size, hidden_size) if knowledge else None
        )

    @property
    def knowledge(self) -> Mapping[str, int]:
        return self.fusion.widths if self.fusion else {}

    def set_knowledge(self, vectors: Mapping[str, Tensor]) -> None:
        for name, one in vectors.items():
            if self.fusion:
                self.fusion.set_knowledge(name, one)

    def attention(self, states: Tensor, question: Tensor, places: Tensor) -> Tensor:
        """``α`` ``(B, K, T)``: 0 from each question's place on, else rows that sum to 1."""
        keys = self.of_states(states)[:, None]
        mixed = torch.tanh(keys + self.of_question(question)[:, :, None])
        seen = torch.arange(states.shape[1], device=states.device) < places[..., None]
        logits = self.scorer(mixed).squeeze(-1).masked_fill(~seen, _MASKED)
        weights: Tensor = logits.softmax(-1) * seen
        return weights

    def fused(self, states: Tensor, last: Tensor, question: Tensor, asked: Asked) -> Tensor:
        context = self.attention(states, question, asked.places) @ states
        interest = torch.cat([last, context], dim=-1)
        parts = [interest, question]
        if self.fusion:
            parts.append(self.fusion(last, interest, asked.items))
        return torch.cat(parts, dim=-1)
