"""Learning by pairs: an item that a user has above one that the user has not ([BPR])."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

import torch
from torch import Tensor, nn

from ..base import ModelConfig, Ranking, TrainingOptions
from ..data import Query
from ..targets import Asked
from .batch_learner import BatchLearner, LearningConfig, N
from .draws import Draws
from .on_valid import sum_rr_on_valid

N_contra = TypeVar("N_contra", bound=nn.Module, contravariant=True)


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

    @property
    def schedule(self) -> None:
        """Steps stay as long as they are."""


@dataclass(frozen=True)
class DrawBatch:
    """B draws: a user, an item of theirs and one that they have not, each ``(B,)``."""

    users: Tensor
    targets: Tensor
    others: Tensor

    @property
    def size(self) -> int:
        return len(self.users)


class PairwiseModel(Protocol[N_contra]):
    """A model that is asked by what it took from its network."""

    @property
    def config(self) -> LearningConfig: ...

    def take(self, network: N_contra) -> None:
        """Keep what the network says now."""

    def recommend(self, queries: Sequence[Query], n: int) -> Ranking:
        """Top ``n`` of each query, the items of its history left out."""


class PairwiseLearner(BatchLearner[N, DrawBatch]):
    """Trains a network on draws; an epoch has each event once.

    :param model: takes from the network what it needs, on valid and after the fit.
    :param asked: what is asked of valid, None where nothing is chosen.
    """

    by_user: ClassVar[bool] = False  # whether the draws of a user stand together

    def __init__(
        self,
        network: N,
        optimizer: torch.optim.Optimizer,
        model: PairwiseModel[N],
        options: TrainingOptions,
        draws: Draws,
        asked: Asked | None,
    ) -> None:
        super().__init__(network, optimizer, model.config, options)
        self.model, self.draws, self.asked = model, draws, asked

    @property
    def sequences(self) -> int:
        return len(self.draws)

    def validate(self) -> float | None:
        """ΣRR@10 on valid; the items of a history are no candidates."""
        if self.asked is None:
            return None
        self.model.take(self.network)
        return sum_rr_on_valid(self.asked, self.model.recommend)

    def ready(self) -> None:
        self.model.take(self.network)

    def batches(self, number: int) -> Iterator[DrawBatch]:
        generator = torch.Generator().manual_seed((self.options.seed * 1_000_003 + number) % 2**63)
        for batch in self.draws.epoch(self.config.batch_size, generator, self.by_user):
            yield DrawBatch(*(one.to(self.device) for one in batch))
