"""How a network that turns sequences into user vectors learns to rank the next item."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from ..base import Ranking, TrainingOptions
from ..data import Query
from ..evaluation.metrics import find_hits, sum_reciprocal_ranks
from ..needs import TrainingData
from .batches import by_length
from .diagnosis import not_finite
from .loss import catalogue_loss
from .precision import Precise
from .sequences import NextItemBatch, Sequences


class NextItemNetwork(nn.Module, ABC):
    """A network whose score of an item is the inner product with the user's vector.

    B sequences of T items give B × T user vectors of D + 1 values; N items have vectors of as
    many. The last value is the item's bias.
    """

    @abstractmethod
    def item_inputs(self) -> Tensor:
        """What sequences are made of, of all items: ``(N, D)``."""

    @abstractmethod
    def item_vectors(self, inputs: Tensor) -> Tensor:
        """Item vectors ``(N, D + 1)`` from :meth:`item_inputs`."""

    @abstractmethod
    def forward(self, sequences: Tensor, inputs: Tensor) -> Tensor:
        """User vectors ``(B, T, D + 1)`` after each item of sequences ``(B, T)``."""

    @abstractmethod
    def no_history(self, size: int) -> Tensor:
        """User vectors ``(size, D + 1)`` of users without history."""


class LearningConfig(Protocol):
    """What the learner reads of a model's configuration."""

    @property
    def learning_rate(self) -> float: ...
    @property
    def reg(self) -> float: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def clip(self) -> float: ...
    @property
    def accumulate(self) -> int: ...


class NextItemLearner:
    """Softmax over the catalogue at every position of every sequence.

    The target of position t is event t + 1; what the user already had is not a candidate. The
    first event is predicted from no history at all, which makes the item biases mean
    something. The loss is the mean over the positions of a batch.

    :param recommend: the model's own, asked for the best 10 of each user of ``valid``.
    """

    def __init__(
        self,
        network: NextItemNetwork,
        config: LearningConfig,
        data: TrainingData,
        options: TrainingOptions,
        recommend: Callable[[Sequence[Query], int], Ranking],
    ) -> None:
        self.network, self.config, self.recommend = network, config, recommend
        self.train, self.valid, self.seed = data.train, data.valid, options.seed
        device = next(network.parameters()).device
        self.histories = Sequences(data.train, device)
        self.precision = Precise(options.precision, device)
        self.lengths = np.diff(data.train.offsets)
        self.users = np.flatnonzero(self.lengths > 0)
        self.optimizer = torch.optim.AdamW(
            self.network.parameters(),
            lr=config.learning_rate,
            weight_decay=config.reg,
            fused=True,
        )

    @property
    def sequences(self) -> int:
        return len(self.users)

    def check(self) -> float:
        """The mean loss of two batches, without dropout and without a step."""
        self.network.eval()
        with torch.inference_mode():
            losses = [float(self._loss(batch)) for batch in islice(self.batches(0), 2)]
        return sum(losses) / max(len(losses), 1)

    def epoch(self, number: int) -> Iterator[tuple[int, float]]:
        self.network.train()
        batches = self.batches(number)
        while group := list(islice(batches, self.config.accumulate)):
            yield sum(len(batch.items) for batch in group), self.step(group)

    def step(self, batches: Sequence[NextItemBatch]) -> float:
        """One step of the optimizer, on the mean loss over the positions of all the batches.

        :return: that loss, before the step.
        :raises NotFinite: when it or the gradient is not finite; no parameter has changed then.
        """
        self.optimizer.zero_grad(set_to_none=True)
        positions, total = sum(len(batch.targets) for batch in batches), 0.0
        for batch in batches:
            loss = self._loss(batch) * (len(batch.targets) / positions)
            total += loss.item()
            self._check("loss", total)
            torch.autograd.backward(self.precision.scaled(loss))
        self.precision.unscale(self.optimizer)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip or math.inf)
        if not self.precision.scales:  # else such a step is left out, and the scale lowered
            self._check("norm of the gradient", norm.item())
        self.precision.step(self.optimizer)
        return total

    def validate(self) -> float | None:
        """ΣRR@10 on valid: history is train, whose items are not candidates."""
        if self.valid is None or not len(self.valid):
            return None
        users = np.flatnonzero(np.diff(self.valid.offsets)).tolist()
        ranking = self.recommend([self.train.query(user) for user in users], 10)
        tests = [self.valid.history(user) for user in users]
        relevant = np.array([len(test) for test in tests])
        return float(sum_reciprocal_ranks(find_hits(ranking.items, tests), relevant).mean())

    def state(self) -> dict[str, Any]:
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "scale": self.precision.state(),
        }

    def load_state(self, state: dict[str, Any]) -> None:
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.precision.load_state(state["scale"])

    def batches(self, number: int) -> Iterator[NextItemBatch]:
        """The batches of an epoch, in its order."""
        generator = np.random.default_rng([self.seed, number])
        for batch in by_length(self.lengths[self.users], self.config.batch_size, generator):
            yield self.histories.batch(self.users[batch])

    def _loss(self, batch: NextItemBatch) -> Tensor:
        with self.precision.products():
            fused = self.network.item_inputs()
            after = self.network(batch.items[:, :-1], fused)  # (B, T - 1, D + 1)
            items = self.network.item_vectors(fused).float()
        before = self.network.no_history(len(batch.items))[:, None]
        asked = torch.cat([before, after.float()], dim=1)[batch.real]
        return catalogue_loss(asked, items, batch.targets, batch.seen)

    def _check(self, what: str, value: float) -> None:
        if not math.isfinite(value):
            rate = self.optimizer.param_groups[0]["lr"]
            raise not_finite(f"the {what} is {value}", self.network, rate)
