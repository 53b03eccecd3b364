"""Rated sequences on a device, and how a network learns to predict their ratings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from ..base import TrainingOptions
from ..data import FloatArray, IntArray
from ..rating_context import Histories
from .batch_learner import BatchLearner, LearningConfig
from .batches import by_length

PAIRS = 2**20  # positions of a batch that look at each other, of networks with attention


@dataclass(frozen=True)
class Padded:
    """B histories of at most T events: ``items`` ``(B, T)``, ``steps`` ``(B, T, S)``.

    Both are 0 behind the last event of a history. ``profiles`` ``(B, P)`` are codes of what is
    known of the users beside their events.
    """

    items: Tensor
    steps: Tensor
    profiles: Tensor


@dataclass(frozen=True)
class Asked:
    """K questions to each of B histories.

    ``items`` ``(B, K)``, ``context`` ``(B, K, C)``; ``places`` ``(B, K)`` says how many events of
    the history, 0 to T, a question may read.
    """

    items: Tensor
    context: Tensor
    places: Tensor


class RatingNetwork(nn.Module):
    """Predicts ratings: ``(B, K)`` for what is asked, not cut to the scale."""

    def forward(self, histories: Padded, asked: Asked) -> Tensor:
        raise NotImplementedError

    @property
    def knowledge(self) -> Mapping[str, int]:
        """Width of the item vectors that it reads, by the job that makes them."""
        return {}

    def set_knowledge(self, vectors: Mapping[str, Tensor]) -> None:
        """Give it the item vectors ``(N, width)`` that it reads."""


@dataclass(frozen=True)
class RatedBatch:
    """``targets`` ``(P,)`` are the ratings at the places where ``real`` ``(B, T)``."""

    histories: Padded
    asked: Asked
    real: Tensor
    targets: Tensor

    @property
    def size(self) -> int:
        return len(self.real)


class RatedSequences:
    """Histories on a device, in pieces of at most ``longest`` events.

    Each event is asked about from the events before it in its piece.

    :param profiles: codes of what is known of each history's user, ``(histories, P)``.
    """

    def __init__(
        self,
        histories: Histories,
        ratings: FloatArray,
        longest: int,
        device: torch.device,
        profiles: IntArray | None = None,
    ) -> None:
        starts = [
            np.arange(first, end, longest)
            for first, end in zip(histories.offsets[:-1], histories.offsets[1:], strict=True)
        ]
        self.offsets = np.concatenate([*starts, histories.offsets[-1:]]).astype(np.int64)
        self.lengths = np.diff(self.offsets)
        self._starts = torch.from_numpy(self.offsets).to(device)
        owners = np.repeat(np.arange(len(starts)), [len(one) for one in starts])
        known = np.zeros((len(starts), 0), np.int64) if profiles is None else profiles
        self._profiles = torch.from_numpy(known[owners]).to(device)
        arrays = (histories.items, histories.steps, histories.context, ratings)
        self._tables = [torch.from_numpy(one).to(device) for one in arrays]

    def batch(self, pieces: IntArray) -> RatedBatch:
        """What some pieces ask."""
        chosen = torch.from_numpy(pieces).to(self._starts.device)
        starts = self._starts[chosen]
        lengths = self._starts[chosen + 1] - starts
        places = torch.arange(int(lengths.max()), device=starts.device)
        real = places < lengths[:, None]
        events = (starts[:, None] + places)[real]
        items, steps, context, ratings = (one[events] for one in self._tables)
        return RatedBatch(
            Padded(spread(real, items), spread(real, steps), self._profiles[chosen]),
            Asked(spread(real, items), spread(real, context), places.expand_as(real)),
            real,
            ratings,
        )


def spread(real: Tensor, values: Tensor) -> Tensor:
    """Values of events ``(P, …)`` at their places ``(B, T, …)``, zeros elsewhere."""
    found = values.new_zeros((*real.shape, *values.shape[1:]))
    found[real] = values
    return found


class RatingLearner(BatchLearner[RatingNetwork, RatedBatch]):
    """Mean squared error at every event, by Adam with an L2 penalty ([KG-LSTM], eq. 3.16).

    The penalty is ``λ Σ θ²``.

    :param figure: what :meth:`validate` gives.
    :param hidden: columns of the context that half of the questions do not get, because what
        they tell is not always known.
    """

    def __init__(
        self,
        network: RatingNetwork,
        config: LearningConfig,
        sequences: RatedSequences,
        options: TrainingOptions,
        figure: Callable[[], float | None],
        hidden: slice,
    ) -> None:
        optimizer = torch.optim.Adam(
            network.parameters(), lr=config.learning_rate, weight_decay=2 * config.reg, fused=True
        )
        super().__init__(network, optimizer, config, options)
        self.pieces, self.figure, self.hidden = sequences, figure, hidden

    @property
    def sequences(self) -> int:
        return len(self.pieces.lengths)

    def batches(self, number: int) -> Iterator[RatedBatch]:
        generator = np.random.default_rng([self.options.seed, number])
        for batch in by_length(self.pieces.lengths, self.config.batch_size, generator, PAIRS):
            yield self.pieces.batch(batch)

    def loss(self, batch: RatedBatch) -> Tensor:
        asked = self._hiding(batch.asked) if self.network.training else batch.asked
        with self.precision.products():
            predicted = self.network(batch.histories, asked)
        return nn.functional.mse_loss(predicted.float()[batch.real], batch.targets)

    def validate(self) -> float | None:
        return self.figure()

    def _hiding(self, asked: Asked) -> Asked:
        hidden = torch.rand(asked.items.shape, device=self.device) < 0.5
        context = asked.context.clone()
        context[..., self.hidden][hidden] = 0
        return Asked(asked.items, context, asked.places)
