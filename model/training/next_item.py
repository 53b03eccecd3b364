"""How a network that turns sequences into user vectors learns to rank the next item."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from ..base import TrainingOptions
from ..needs import TrainingData
from ..rating_gains import RatingGains
from ..targets import Asked
from .batch_learner import BatchLearner
from .batches import by_length
from .loss import catalogue_loss
from .next_item_config import NextItemConfig
from .on_valid import Recommend, sum_rr_on_valid
from .sequences import NextItemBatch, Sequences

_MOST_AHEAD = 5


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
    def forward(self, sequences: Tensor, inputs: Tensor, gains: Tensor | None = None) -> Tensor:
        """User vectors ``(B, T, D + 1)`` after each item of sequences ``(B, T)``.

        :param gains: ``(B, T)`` what each event counts as evidence, None for 1.
        """

    @abstractmethod
    def no_history(self, size: int) -> Tensor:
        """User vectors ``(size, D + 1)`` of users without history."""


def chosen_ahead(config: NextItemConfig, data: TrainingData, options: TrainingOptions) -> int:
    """How many events to come are learnt: as told, as chosen before, or by :func:`events_ahead`.

    A fit returns it among :attr:`~..base.FitResult.settings` as ``ahead``.
    """
    given = options.settings.get("ahead") if config.ahead is None else config.ahead
    return events_ahead(data.asked) if given is None else int(given)


def events_ahead(asked: Asked | None) -> int:
    """How many events to come are worth learning: as many as are asked for at once.

    That is what the median question of valid has of right answers, 5 at most, and 5 without
    valid: what follows much later says little.
    """
    if asked is None:
        return _MOST_AHEAD
    return int(np.clip(np.median([len(items) for items in asked.answers]), 1, _MOST_AHEAD))


class NextItemLearner(BatchLearner[NextItemNetwork, NextItemBatch]):
    """Softmax over the items of train at every position of every sequence.

    The targets of position t are the events from t + 1 on, ``ahead`` of them, each with
    ``config.decay`` times the share of the one before; what the user already had is not a
    candidate, nor is an item without an event, which would only learn that nobody takes it. The
    first event is predicted from no history at all, which makes the item biases mean something.
    The loss is the mean over the positions of a batch.

    :param ahead: how many of the events to come are targets of a position.
    :param recommend: the model's own, asked for the best 10 of each question of valid.
    :param gains: what events count as evidence by their rating.
    """

    def __init__(
        self,
        network: NextItemNetwork,
        config: NextItemConfig,
        data: TrainingData,
        options: TrainingOptions,
        ahead: int,
        recommend: Recommend,
        gains: RatingGains | None = None,
    ) -> None:
        optimizer = torch.optim.AdamW(
            network.parameters(), lr=config.learning_rate, weight_decay=config.reg, fused=True
        )
        super().__init__(network, optimizer, config, options)
        self.config: NextItemConfig = config
        self.recommend, self.asked = recommend, data.asked
        of_events = gains.of(data.train.ratings) if gains else None
        self.histories = Sequences(
            data.train, self.device, of_events, ahead, config.decay, config.reorder
        )
        self.lengths = np.diff(data.train.offsets)
        self.users = np.flatnonzero(self.lengths > 0)

    @property
    def sequences(self) -> int:
        return len(self.users)

    def validate(self) -> float | None:
        """ΣRR@10 on valid; the items of a history are no candidates."""
        return sum_rr_on_valid(self.asked, self.recommend)

    def batches(self, number: int) -> Iterator[NextItemBatch]:
        self.histories.reorder(np.random.default_rng([self.options.seed, number, 1]))
        generator = np.random.default_rng([self.options.seed, number])
        for batch in by_length(self.lengths[self.users], self.config.batch_size, generator):
            yield self.histories.batch(self.users[batch])

    def loss(self, batch: NextItemBatch) -> Tensor:
        with self.precision.products():
            fused = self.network.item_inputs()
            gains = None if batch.gains is None else batch.gains[:, :-1]
            after = self.network(batch.items[:, :-1], fused, gains)  # (B, T - 1, D + 1)
            items = self.network.item_vectors(fused).float()
        if self.histories.candidates is not None:
            items = items.index_select(0, self.histories.candidates)
        before = self.network.no_history(len(batch.items))[:, None]
        asked = torch.cat([before, after.float()], dim=1)[batch.real]
        return catalogue_loss(asked, items, batch.targets, batch.shares, batch.seen)
