"""The bias model: a rating is the mean, plus what the user and the item add to it.

``r̂ = μ + b_u + b_i`` with ``b`` minimising ``Σ (r - r̂)² + λ_u Σ b_u² + λ_i Σ b_i²`` over the
train rows (Koren, Factorization meets the neighborhood, KDD 2008, section 2.1), by alternating
least squares until nothing moves. A user's ``b_u`` is computed from the history that a query
brings, so that new users and refreshed histories need no new fit.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ...errors import ModelError
from ..base import RANKING_MEMORY, FitResult, Model, ModelConfig, Sizes, TrainingOptions
from ..data import Catalogue, FloatArray, IntArray, Query
from ..needs import NOTHING, Supplied, TrainingData
from ..storage import load_model, save_model

Floats = npt.NDArray[np.float64]

_ROUNDS = 500  # of alternating least squares at most; it takes some tens
_STILL = 1e-9  # of a rating: the largest change with which it ends


class BiasConfig(ModelConfig):
    """Parameters of the bias model."""

    reg_user: float = Field(5.0, ge=0, description="λ_u: pulls user biases towards 0")
    reg_item: float = Field(2.0, ge=0, description="λ_i: pulls item biases towards 0")


class Bias(Model):
    """Predicts ratings; ranks by them, the same order of items for everybody."""

    name = "bias"
    description = "ratings as mean + user bias + item bias"
    config_class = BiasConfig
    provides = frozenset({"rating"})
    chooses = False

    config: BiasConfig
    catalogue: Catalogue
    mean: float
    item_bias: FloatArray  # (items,)
    bounds: tuple[float, float]  # lowest and highest rating of train

    def memory(self, sizes: Sizes) -> int:
        return RANKING_MEMORY + 64 * sizes.interactions + 32 * (sizes.items + sizes.users)

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        """:raises ModelError: when train rows have no ratings."""
        train = data.train
        if train.ratings is None or not len(train):
            raise ModelError(
                "model 'bias' needs the rating of every train row, and some have none",
                "Rank instead, or load data with ratings.",
            )
        ratings = train.ratings.astype(np.float64)
        user = np.repeat(np.arange(len(train.users)), np.diff(train.offsets))
        self.catalogue = data.catalogue
        self.mean = float(ratings.mean())
        self.bounds = (float(ratings.min()), float(ratings.max()))
        items = self._item_biases(user, train.items, ratings - self.mean)
        self.item_bias = items.astype(np.float32)
        return FitResult()

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        """Predicted ratings, not cut to the scale, so that few are equal."""
        of_items = self.item_bias if items is None else self.item_bias[items]
        users = np.array([self._user_bias(query) for query in queries], np.float32)
        return np.float32(self.mean) + users[:, None] + of_items[None]

    def predict_rating(
        self, queries: Sequence[Query], items: Sequence[IntArray]
    ) -> list[FloatArray]:
        """Within the lowest and the highest rating of train."""
        return [
            np.clip(self.score([query], asked)[0], *self.bounds)
            for query, asked in zip(queries, items, strict=True)
        ]

    def save(self, folder: Path) -> None:
        about = np.array([self.mean, *self.bounds])
        arrays = {"item_bias": self.item_bias, "mean_and_bounds": about}
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        mean, low, high = arrays["mean_and_bounds"].tolist()
        model.catalogue, model.item_bias = catalogue, arrays["item_bias"]
        model.mean, model.bounds = mean, (low, high)
        return model

    def _item_biases(self, user: IntArray, item: IntArray, rest: Floats) -> Floats:
        """``b_i`` of all items, 0 for those without a rating; ``rest`` is ``r - μ``."""
        users, items = int(user.max()) + 1, len(self.catalogue)
        per_user = np.bincount(user, minlength=users) + self.config.reg_user
        per_item = np.bincount(item, minlength=items) + self.config.reg_item
        per_user, per_item = np.maximum(per_user, 1e-9), np.maximum(per_item, 1e-9)
        of_items = np.zeros(items)
        for _ in range(_ROUNDS):
            of_users = np.bincount(user, rest - of_items[item], users) / per_user
            better = np.bincount(item, rest - of_users[user], items) / per_item
            moved = float(np.abs(better - of_items).max())
            of_items = better
            if moved < _STILL:
                break
        return of_items

    def _user_bias(self, query: Query) -> float:
        """``b_u`` by the ratings of the history; 0 without any."""
        if query.ratings is None or not len(query.items):
            return 0.0
        rest = query.ratings - self.mean - self.item_bias[query.items]
        return float(rest.sum() / (self.config.reg_user + len(rest)))
