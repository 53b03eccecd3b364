"""Biased matrix factorisation ("SVD"): mean, biases and an inner product make a rating.

``r̂_ui = μ + b_u + b_i + p_u·q_i``, by stochastic gradient descent on
``Σ (r - r̂)² + λ (b_u² + b_i² + |p_u|² + |q_i|²)`` over the train rows ([Matrix factorisation],
section "Adding biases"). The defaults are those of the SVD that [KG-LSTM] compares with: 100
factors, 20 epochs, steps of .005, λ .02, vectors from N(0, .1²). Rows come in another order in
each epoch, and the steps of a batch are added up, small enough for a step to be nearly that of
one row after another.

A query's ``θ = (b_u, p_u)`` comes from its history, also for train users. With the items as they
are, it follows the gradient of the same loss from 0 through as many epochs, by implicit steps,
which no long history can upset: ``θ ← (I + η A)⁻¹ (θ + η Xᵀe)`` with ``A = XᵀX + λ n``, where the
``n`` rows of ``X`` are ``(1, q_j)`` of the rated items ``j``, and ``e`` is ``r - μ - b_j``. The
minimum itself would learn the noise of vectors that hardly left their random start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from pydantic import Field

from ..base import RANKING_MEMORY, FitResult, Model, ModelConfig, Sizes, TrainingOptions, chunks
from ..data import Catalogue, FloatArray, IntArray, Interactions, Query
from ..histories import given_ratings, query_matrix
from ..needs import NOTHING, Supplied, TrainingData
from ..normal_equations import follow_gradient
from ..search_space import Between, OneOf, Space
from ..storage import Arrays, load_model, save_model
from ..training.descent import passes, stable_batch


class SVDConfig(ModelConfig):
    """Parameters of biased matrix factorisation."""

    factors: int = Field(100, ge=1, description="length of the vectors of users and items")
    epochs: int = Field(20, ge=1, description="passes over the train rows")
    learning_rate: float = Field(0.005, gt=0, description="length of a step")
    reg: float = Field(0.02, ge=0, description="λ: pulls vectors and biases towards 0")
    batch_size: int = Field(512, ge=1, description="rows whose steps are made together")

    search_space: ClassVar[Mapping[str, Space]] = {
        "factors": OneOf((20, 50, 100, 200)),
        "epochs": Between(10, 120, whole=True),
        "learning_rate": Between(0.002, 0.02, log=True),
        "reg": Between(0.01, 0.2, log=True),
    }


class SVD(Model):
    """Predicts ratings; ranks by them. Only the items' side is kept."""

    name = "svd"
    description = "ratings by biased matrix factorisation (SVD)"
    config_class: ClassVar[type[ModelConfig]] = SVDConfig
    provides = frozenset({"rating"})
    chooses = False

    config: SVDConfig
    catalogue: Catalogue
    mean: float
    bounds: tuple[float, float]  # lowest and highest rating of train
    epochs: int
    item_factors: FloatArray  # (items, factors + 1), the first column is b

    def memory(self, sizes: Sizes) -> int:
        vectors = 16 * (self.config.factors + 1) * (sizes.users + 2 * sizes.items)
        return 2 * RANKING_MEMORY + vectors + 100 * sizes.interactions

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        """:raises ModelError: when train rows have no ratings, or some that are not finite."""
        ratings = given_ratings(data.train, self.name)
        self.catalogue, self.epochs = data.catalogue, options.epochs or self.config.epochs
        self.mean = float(ratings.mean(dtype=np.float64))
        self.bounds = (float(ratings.min()), float(ratings.max()))
        self._descend(data.train, ratings - np.float32(self.mean), options)
        return FitResult(self.epochs)

    def _descend(self, train: Interactions, rest: FloatArray, options: TrainingOptions) -> None:
        """Learn ``item_factors``; ``rest`` is ``r - μ`` of each event."""
        generator = torch.Generator().manual_seed(options.seed)
        p, q = self._tables(generator, len(train.users), len(train.catalogue))
        user = np.repeat(np.arange(len(train.users)), np.diff(train.offsets))
        rows = tuple(torch.from_numpy(one) for one in (user, train.items, rest))
        size = stable_batch(self.config.batch_size, *rows[:2])
        for _ in passes(self.epochs, self.name, options):
            order = torch.randperm(len(rest), generator=generator)
            for start in range(0, len(order), size):
                user_rows, item_rows, left = (one[order[start : start + size]] for one in rows)
                self._step(p, q, user_rows, item_rows, left, p[user_rows])
        self.item_factors = q.numpy()

    def _tables(self, generator: torch.Generator, *lengths: int) -> tuple[torch.Tensor, ...]:
        """Tables of first vectors ``(length, factors + 1)``; their first column, the bias, is 0."""
        size = self.config.factors + 1
        tables = [0.1 * torch.randn((one, size), generator=generator) for one in lengths]
        for table in tables:
            table[:, 0] = 0
        return tuple(tables)

    def _step(
        self,
        p: torch.Tensor,
        q: torch.Tensor,
        user: torch.Tensor,
        item: torch.Tensor,
        rest: torch.Tensor,
        of_user: torch.Tensor,
    ) -> torch.Tensor:
        """One step of gradient descent for rows ``(batch,)``, in place.

        :param of_user: ``(batch, factors + 1)``: bias and vector of the user in each row.
        :returns: ``(batch, factors + 1)``: each row's step of the user, without what λ pulls.
        """
        rate, reg = self.config.learning_rate, self.config.reg
        of_item = q[item]
        predicted = of_user[:, 0] + of_item[:, 0] + (of_user * of_item)[:, 1:].sum(1)
        error = (rest - predicted)[:, None]
        towards = error * of_item
        towards[:, 0] = error[:, 0]  # the bias of a user has the factor 1
        back = error * of_user
        back[:, 0] = error[:, 0]
        p.index_add_(0, user, towards - reg * p[user], alpha=rate)
        q.index_add_(0, item, back - reg * of_item, alpha=rate)
        return rate * towards

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        """Predicted ratings, not cut to the scale, so that few are equal."""
        of_items = self.item_factors if items is None else self.item_factors[items]
        users = self._users(queries)
        biases = users[:, :1] + of_items[:, 0] + np.float32(self.mean)
        return biases + users[:, 1:] @ of_items[:, 1:].T

    def predict_rating(
        self, queries: Sequence[Query], items: Sequence[IntArray]
    ) -> list[FloatArray]:
        """Within the lowest and the highest rating of train."""
        found: list[FloatArray] = []
        for part in chunks(len(queries), len(self.catalogue), 1024):
            rows = np.clip(self.score(queries[part]), *self.bounds)
            found += [row[asked] for row, asked in zip(rows, items[part], strict=True)]
        return found

    def _users(self, queries: Sequence[Query]) -> FloatArray:
        """Bias and vector of each query: ``(queries, factors + 1)``."""
        start = self._before_ratings(queries)
        rated = [query if query.ratings is not None else _empty(query) for query in queries]
        left = [
            (np.zeros(0) if query.ratings is None else query.ratings)
            - self.item_factors[query.items, 0]
            - self.item_factors[query.items, 1:] @ known[1:]
            - np.float32(self.mean)
            for query, known in zip(rated, start, strict=True)
        ]
        rows = self.item_factors.copy()
        rows[:, 0] = 1
        found = follow_gradient(
            query_matrix(rated, len(self.catalogue), left),
            rows,
            self.config.reg,
            self.config.learning_rate,
            self.epochs,
        )
        return start + found

    def _before_ratings(self, queries: Sequence[Query]) -> FloatArray:
        """What is known of users without their ratings: ``(queries, factors + 1)``."""
        return np.zeros((len(queries), self.config.factors + 1), np.float32)

    def arrays(self) -> Arrays:
        about = np.array([self.mean, *self.bounds, self.epochs])
        return {"item_factors": self.item_factors, "mean_bounds_epochs": about}

    def save(self, folder: Path) -> None:
        save_model(folder, self.name, self.config, self.catalogue, self.arrays())

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue = catalogue
        model.take(arrays)
        return model

    def take(self, arrays: Arrays) -> None:
        """What :meth:`arrays` gave."""
        self.item_factors = arrays["item_factors"]
        self.mean, low, high, epochs = arrays["mean_bounds_epochs"].tolist()
        self.bounds, self.epochs = (low, high), int(epochs)


def _empty(query: Query) -> Query:
    return Query(query.user, np.zeros(0, np.int64))
