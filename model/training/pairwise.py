"""Learning by pairs: an item that a user has above one that the user has not ([BPR])."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from ..base import ModelConfig, TrainingOptions
from ..targets import Asked
from .batch_learner import BatchLearner, LearningConfig, N
from .draws import Draws
from .on_valid import Recommend, sum_rr_on_valid


class PairwiseConfig(ModelConfig):
    """Of models that learn by pairs: how draws become steps is not an option."""

    @property
    def clip(self) -> float:
        """Gradients are not clipped."""
        return 0.0

    @property
    def accumulate(self) -> int:
        """Each batch is a step."""
        return 1


@dataclass(frozen=True)
class DrawBatch:
    """B draws: a user, an item of theirs and one that they have not, each ``(B,)``."""

    users: Tensor
    targets: Tensor
    others: Tensor

    @property
    def size(self) -> int:
        return len(self.users)


class PairwiseLearner(BatchLearner[N, DrawBatch]):
    """Trains a network on draws; an epoch has each event once.

    :param asked: what is asked of valid, None where nothing is chosen.
    :param recommend: the model's own, asked for the best 10 of each question of valid.
    """

    by_user: ClassVar[bool] = False  # whether the draws of a user stand together

    def __init__(
        self,
        network: N,
        optimizer: torch.optim.Optimizer,
        config: LearningConfig,
        options: TrainingOptions,
        draws: Draws,
        asked: Asked | None,
        recommend: Recommend,
    ) -> None:
        super().__init__(network, optimizer, config, options)
        self.draws, self.asked, self.recommend = draws, asked, recommend

    @property
    def sequences(self) -> int:
        return len(self.draws)

    def validate(self) -> float | None:
        """ΣRR@10 on valid; the items of a history are no candidates."""
        return sum_rr_on_valid(self.asked, self.recommend)

    def batches(self, number: int) -> Iterator[DrawBatch]:
        generator = torch.Generator().manual_seed((self.seed * 1_000_003 + number) % 2**63)
        for batch in self.draws.epoch(self.config.batch_size, generator, self.by_user):
            yield DrawBatch(*(one.to(self.device) for one in batch))
