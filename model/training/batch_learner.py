"""Steps of an optimizer over batches: what every network's learner has in common."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn

from ..base import FitResult, TrainingOptions
from .diagnosis import not_finite
from .loop import run_epochs
from .precision import Precise
from .schedules import ScheduleName, make_schedule


class Batch(Protocol):
    """A batch of sequences."""

    @property
    def size(self) -> int:
        """Sequences."""

    @property
    def targets(self) -> Tensor:
        """What is to be predicted, one per position that counts."""


class LearningConfig(Protocol):
    """What a learner reads of a model's configuration."""

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
    @property
    def epochs(self) -> int: ...
    @property
    def patience(self) -> int: ...
    @property
    def schedule(self) -> ScheduleName | None: ...


B = TypeVar("B", bound=Batch)
N = TypeVar("N", bound=nn.Module)


class BatchLearner(ABC, Generic[N, B]):
    """Trains a network by the mean loss over the positions of a batch.

    :param optimizer: of the network's parameters.
    """

    def __init__(
        self,
        network: N,
        optimizer: torch.optim.Optimizer,
        config: LearningConfig,
        options: TrainingOptions,
    ) -> None:
        self.network, self.config, self.options = network, config, options
        self.optimizer = optimizer
        self.device = next(network.parameters()).device
        self.precision = Precise(options.precision, self.device)

    @property
    @abstractmethod
    def sequences(self) -> int:
        """Sequences of an epoch."""

    @abstractmethod
    def batches(self, number: int) -> Iterator[B]:
        """The batches of an epoch, in its order."""

    @abstractmethod
    def loss(self, batch: B) -> Tensor:
        """The mean loss over the positions of a batch."""

    @abstractmethod
    def validate(self) -> float | None:
        """The figure that chooses epochs, higher is better; None without valid."""

    def learn(self, inputs: str) -> FitResult:
        """Train; the network then has the weights of the chosen epoch and can be asked.

        :param inputs: as in :func:`~.loop.run_epochs`, which says what is raised.
        """
        config, schedule = self.config, None
        if config.schedule is not None:
            schedule = make_schedule(config.schedule, config.learning_rate, config.epochs)
        result = run_epochs(self, self.options, config.epochs, config.patience, inputs, schedule)
        self.ready()
        return result

    def ready(self) -> None:
        """Make the trained network one that is asked, on the CPU."""
        self.network.to("cpu").eval()

    def check(self) -> float:
        """The mean loss of two batches, without dropout and without a step."""
        self.network.eval()
        with torch.inference_mode():
            losses = [float(self.loss(batch)) for batch in islice(self.batches(0), 2)]
        return sum(losses) / max(len(losses), 1)

    def epoch(self, number: int) -> Iterator[tuple[int, float]]:
        self.network.train()
        batches = self.batches(number)
        while group := list(islice(batches, self.config.accumulate)):
            yield sum(batch.size for batch in group), self.step(group)

    def step(self, batches: Sequence[B]) -> float:
        """One step of the optimizer, on the mean loss over the positions of all the batches.

        :return: that loss, before the step.
        :raises NotFinite: when it or the gradient is not finite; no parameter has changed then.
        """
        self.optimizer.zero_grad(set_to_none=True)
        positions, total = sum(len(batch.targets) for batch in batches), 0.0
        for batch in batches:
            loss = self.loss(batch) * (len(batch.targets) / positions)
            total += loss.item()
            self._check("loss", total)
            torch.autograd.backward(self.precision.scaled(loss))
        self.precision.unscale(self.optimizer)
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.config.clip or math.inf)
        if not self.precision.scales:  # else such a step is left out, and the scale lowered
            self._check("norm of the gradient", norm.item())
        self.precision.step(self.optimizer)
        return total

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

    def _check(self, what: str, value: float) -> None:
        if not math.isfinite(value):
            rate = self.optimizer.param_groups[0]["lr"]
            raise not_finite(f"the {what} is {value}", self.network, rate)
