"""BPR-MF: factors that put what a user has above what the user has not.

[BPR]: with ``x_ui = b_i + p_u·q_i``, the loss of a draw (user ``u``, an item ``i`` of theirs, an
item ``j`` that is not) is ``-ln σ(x_ui - x_uj) + λ/2 (|p_u|² + |q_i|² + |q_j|² + b_i² + b_j²)``.
An epoch has as many draws as train has events. They are made in batches whose steps are added
up, small enough for a step to be nearly that of one draw after another.

A query's ``p`` comes from its history, also for train users (:mod:`..pairwise_fold_in`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from pydantic import Field

from ..base import (
    RANKING_MEMORY,
    FitResult,
    Model,
    ModelConfig,
    Sizes,
    TrainingOptions,
    Vectors,
)
from ..data import Catalogue, FloatArray, IntArray, Query
from ..histories import query_matrix
from ..needs import NOTHING, Supplied, TrainingData
from ..pairwise_fold_in import CELLS, PairwiseFoldIn, drawn_negatives
from ..search_space import Between, OneOf, Space
from ..storage import Arrays, load_model, save_model
from ..training.descent import passes, stable_batch
from ..training.draws import Draws
from ..vectors import of_one_length


class BPRConfig(ModelConfig):
    """Parameters of BPR-MF."""

    factors: int = Field(64, ge=1, description="length of the vectors of users and items")
    epochs: int = Field(60, ge=1, description="draws for each event")
    learning_rate: float = Field(0.05, gt=0, description="length of a step")
    reg: float = Field(0.01, ge=0, description="λ: pulls vectors and biases towards 0")
    batch_size: int = Field(1024, ge=1, description="draws whose steps are made together")

    search_space: ClassVar[Mapping[str, Space]] = {
        "factors": OneOf((32, 64, 128)),
        "epochs": Between(20, 120, whole=True),
        "learning_rate": Between(0.01, 0.2, log=True),
        "reg": Between(0.001, 0.1, log=True),
    }


class BPRMF(Model):
    """Scores are inner products; only the items' side is kept."""

    name = "bpr-mf"
    description = "matrix factorisation by pairwise ranking (BPR)"
    config_class = BPRConfig
    provides = frozenset({"ranking", "vectors"})
    chooses = False

    config: BPRConfig
    catalogue: Catalogue
    item_factors: FloatArray  # (items, factors + 1), the last column is b
    negatives: IntArray  # (at most 128,) that queries are compared with

    def memory(self, sizes: Sizes) -> int:
        vectors = 16 * (self.config.factors + 1) * (sizes.users + sizes.items)
        return RANKING_MEMORY + vectors + 40 * CELLS + 100 * sizes.interactions

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue, epochs = data.catalogue, options.epochs or self.config.epochs
        generator = torch.Generator().manual_seed(options.seed)
        draws = Draws(data.train)
        users, items = len(data.train.users), len(data.catalogue)
        factors = self.config.factors
        size = stable_batch(self.config.batch_size, draws.users, draws.items)
        p = 0.1 * torch.randn((users, factors), generator=generator)
        q = 0.1 * torch.randn((items, factors), generator=generator)
        bias = torch.zeros(items)
        for _ in passes(epochs, self.name, options):
            for batch in draws.epoch(size, generator):
                self._step(p, q, bias, *batch)
        self.item_factors = torch.column_stack([q, bias]).numpy()
        self.negatives = drawn_negatives(np.arange(items), options.seed)
        return FitResult(epochs)

    def _step(
        self,
        p: torch.Tensor,
        q: torch.Tensor,
        bias: torch.Tensor,
        user: torch.Tensor,
        liked: torch.Tensor,
        other: torch.Tensor,
    ) -> None:
        """One step of gradient descent for draws ``(batch,)``, in place."""
        rate, reg = self.config.learning_rate, self.config.reg
        of_user, of_liked, of_other = p[user], q[liked], q[other]
        apart = (of_user * (of_liked - of_other)).sum(1) + bias[liked] - bias[other]
        pull = torch.sigmoid(-apart)
        towards = pull[:, None] * of_user
        step = pull[:, None] * (of_liked - of_other) - reg * of_user
        p.index_add_(0, user, step, alpha=rate)
        q.index_add_(0, liked, towards - reg * of_liked, alpha=rate)
        q.index_add_(0, other, -towards - reg * of_other, alpha=rate)
        liked_bias, other_bias = bias[liked], bias[other]
        bias.index_add_(0, liked, pull - reg * liked_bias, alpha=rate)
        bias.index_add_(0, other, -pull - reg * other_bias, alpha=rate)

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        of_items = self.item_factors if items is None else self.item_factors[items]
        return self._users(queries) @ of_items.T

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        return of_one_length(self._users(queries), self.item_factors)

    def _users(self, queries: Sequence[Query]) -> FloatArray:
        """``p`` and a 1 for the bias, for each query: ``(queries, factors + 1)``."""
        fold_in = PairwiseFoldIn(self.item_factors, self.negatives, self.config.reg)
        return fold_in.users(query_matrix(queries, len(self.catalogue)))

    def save(self, folder: Path) -> None:
        arrays: Arrays = {"item_factors": self.item_factors, "negatives": self.negatives}
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.item_factors = catalogue, arrays["item_factors"]
        model.negatives = arrays["negatives"]
        return model
