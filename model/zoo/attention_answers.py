"""What a fitted attention-LSTM answers: vectors and evidence of queries, groups of them at once.

Shapes: B queries in a group, T the longest of their histories, H heads, D ``embedding_size``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from ..base import Evidence, Vectors
from ..data import FloatArray, IntArray, Query
from ..rating_gains import RatingGains
from ..training.batches import histories_by_length, pad
from .attention_network import AttentionLSTM


@dataclass(frozen=True)
class _Group:
    """Queries with a history: ``rows`` are their places among all that are asked."""

    rows: IntArray
    attention: Tensor  # (B, H, 1, T)
    recency: Tensor  # (B, H, 1, T)
    embedded: Tensor  # (B, T, D)
    gains: Tensor | None  # (B, T); None for 1


@dataclass(frozen=True)
class AttentionAnswers:
    """A network, and what events count as evidence by their rating."""

    network: AttentionLSTM
    gains: RatingGains

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        """User ``(queries, D + 1)`` and item vectors ``(N, D + 1)``, the bias last."""
        self.network.eval()
        with torch.inference_mode():
            fused = self.network.item_inputs()
            users = np.zeros((len(queries), fused.shape[1]), np.float32)
            users[:, -1] = 1
            for group in self._groups(queries, fused):
                found = self.network.read_out(group.attention, group.embedded, group.gains)
                users[group.rows] = found[:, 0].cpu().numpy()
            return Vectors(users, self.network.item_vectors(fused).cpu().numpy())

    def evidence(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        """Weights and recency are the heads' mean; contributions and bias add up to the score."""
        self.network.eval()
        with torch.inference_mode():
            fused = self.network.item_inputs()
            outputs = self.network.item_vectors(fused)
            parts = self.network.head_values(fused[:, :-1])  # (H, N, D)
            bias = outputs[:, -1].numpy()
            found = [_no_evidence(bias[asked]) for asked in items]
            for group in self._groups(queries, fused):
                for place, row in enumerate(group.rows.tolist()):
                    history = torch.from_numpy(queries[row].items)
                    alpha = group.attention[place, :, 0, : len(history)]  # (H, history)
                    counted = alpha
                    if group.gains is not None:
                        counted = alpha * group.gains[place, : len(history)]
                    maps = (counted[:, :, None] * parts[:, history]).sum(0)  # (history, D)
                    candidates = outputs[torch.from_numpy(items[row])]
                    found[row] = Evidence(
                        alpha.mean(0).numpy(),
                        (candidates[:, :-1] @ maps.T).numpy(),
                        candidates[:, -1].numpy(),
                        group.recency[place, :, 0, : len(history)].mean(0).numpy(),
                    )
        return found

    def _groups(self, queries: Sequence[Query], fused: Tensor) -> Iterator[_Group]:
        """The queries that have a history, the longest first, in groups of bounded size."""
        for group in histories_by_length([query.items for query in queries]):
            asked = [queries[row] for row in group]
            padded, last = pad([query.items for query in asked])
            embedded = fused[:, :-1][torch.from_numpy(padded).to(fused.device)]
            states = self.network.states(embedded)
            asking = torch.from_numpy(last - 1).to(fused.device)
            gains = self._gains_of(asked, padded.shape[1])
            yield _Group(
                group,
                self.network.attention(states, asking),
                self.network.recency(asking, padded.shape[1]),
                embedded,
                None if gains is None else gains.to(fused.device),
            )

    def _gains_of(self, queries: Sequence[Query], width: int) -> Tensor | None:
        """What the events of the histories count, ``(B, width)``; None for 1."""
        if not self.gains.knots:
            return None
        gains = torch.zeros(len(queries), width)
        for row, one in zip(gains, self.gains.of_queries(queries), strict=True):
            row[: len(one)] = torch.from_numpy(one)
        return gains


def _no_evidence(bias: FloatArray) -> Evidence:
    nothing = np.zeros(0, np.float32)
    return Evidence(nothing, np.zeros((len(bias), 0), np.float32), bias, nothing)
