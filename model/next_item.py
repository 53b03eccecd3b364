"""How a network that turns sequences into user vectors learns to rank the next item."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor

from .base import IntArray, Interactions
from .batches import by_length, pad
from .loss import catalogue_loss
from .metrics import find_hits, sum_reciprocal_ranks
from .training import half_cosine

if TYPE_CHECKING:
    from .attention_lstm import AttentionLSTMRanker


class NextItemLearner:
    """Softmax over the catalogue at every position of every sequence.

    The target of position t is event t + 1; what the user already had is no candidate. The
    first event is predicted from no history at all, which makes the item biases mean
    something. The loss is the mean over the positions of a batch.
    """

    def __init__(
        self, model: AttentionLSTMRanker, train: Interactions, valid: Interactions | None, seed: int
    ) -> None:
        self.model, self.network = model, model.network
        self.train, self.valid, self.seed = train, valid, seed
        self.lengths = np.diff(train.offsets)
        self.users = np.flatnonzero(self.lengths > 0)
        config = model.config
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=config.learning_rate, weight_decay=config.reg
        )

    @property
    def sequences(self) -> int:
        return len(self.users)

    def check(self) -> float:
        """The mean loss of two batches, without dropout and without a step."""
        self.network.eval()
        with torch.inference_mode():
            losses = [float(self._loss(batch)) for batch in self._epoch_batches(0)[:2]]
        return sum(losses) / max(len(losses), 1)

    def epoch(self, number: int) -> Iterator[tuple[int, float]]:
        self.network.train()
        config = self.model.config
        for group in self.optimizer.param_groups:
            group["lr"] = config.learning_rate * half_cosine(number, config.epochs)
        for batch in self._epoch_batches(number):
            self.optimizer.zero_grad(set_to_none=True)
            loss = self._loss(batch)
            torch.autograd.backward(loss)
            torch.nn.utils.clip_grad_norm_(self.network.parameters(), 5.0)
            self.optimizer.step()
            yield len(batch), loss.item()

    def validate(self) -> float | None:
        """ΣRR@10 on valid: history is train, whose items are no candidates."""
        if self.valid is None or not len(self.valid):
            return None
        users = np.flatnonzero(np.diff(self.valid.offsets)).tolist()
        ranking = self.model.recommend([self.train.query(user) for user in users], 10)
        tests = [self.valid.history(user) for user in users]
        relevant = np.array([len(test) for test in tests])
        return float(sum_reciprocal_ranks(find_hits(ranking.items, tests), relevant).mean())

    def state(self) -> dict[str, Any]:
        return {"network": self.network.state_dict(), "optimizer": self.optimizer.state_dict()}

    def load_state(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])

    def _epoch_batches(self, number: int) -> list[IntArray]:
        generator = np.random.default_rng([self.seed, number])
        batches = by_length(self.lengths[self.users], self.model.config.batch_size, generator)
        return [self.users[batch] for batch in batches]

    def _loss(self, users: IntArray) -> Tensor:
        device = self.network.bias.device
        padded, lengths = pad([self.train.history(user) for user in users])
        items = torch.from_numpy(padded).to(device)
        fused = self.network.fusion.weights_and_vectors()[1]
        after = self.network(items[:, :-1], fused)  # (B, T - 1, D + 1)
        before = self.network.no_history(len(users))[:, None]
        real = np.arange(padded.shape[1]) < lengths[:, None]
        asked = torch.cat([before, after], dim=1)[torch.from_numpy(real).to(device)]
        seen = torch.from_numpy(_seen(padded, lengths)).to(device)
        targets = torch.from_numpy(padded[real]).to(device)
        return catalogue_loss(asked, self.network.item_vectors(fused), targets, seen)


def _seen(padded: IntArray, lengths: IntArray) -> IntArray:
    """(row, item) of all items before each position, but not those that are its target.

    Rows count the real positions of the padded sequences in their order.
    """
    rows, items, first = [], [], 0
    for sequence, length in zip(padded, lengths.tolist(), strict=True):
        position, earlier = np.tril_indices(length, -1)
        again = sequence[position] == sequence[earlier]  # only where events may repeat
        rows.append(first + position[~again])
        items.append(sequence[earlier][~again])
        first += length
    return np.stack([np.concatenate(rows), np.concatenate(items)])
