"""The bias model: a rating is the mean, plus what the user and the item add to it.

``r̂ = μ + b_u + b_i`` with ``b`` minimising ``Σ (r - r̂)² + λ_u Σ b_u² + λ_i Σ b_i²`` over the
train rows (Koren, Factorization meets the neighborhood, KDD 2008, section 2.1), by alternating
least squares until nothing moves. A user's ``b_u`` is computed from the history that a query
brings, so that new users and refreshed histories need no new fit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field

from ..base import RANKING_MEMORY, FitResult, Model, ModelConfig, Sizes, TrainingOptions
from ..data import Catalogue, FloatArray, IntArray, Query
from ..histories import given_ratings
from ..needs import NOTHING, Supplied, TrainingData
from ..rating_reasons import RatingReasons
from ..search_space import Between, Space
from ..storage import Arrays, load_model, save_model

Floats = npt.NDArray[np.float64]

_ROUNDS = 500  # of alternating least squares at most; it takes some tens
_STILL = 1e-9  # of a rating: the largest change with which it ends


class BiasConfig(ModelConfig):
    """Parameters of the bias model."""

    reg_user: float = Field(5.0, ge=0, description="λ_u: pulls user biases towards 0")
    reg_item: float = Field(2.0, ge=0, description="λ_i: pulls item biases towards 0")

    search_space: ClassVar[Mapping[str, Space]] = {
        "reg_user": Between(0.3, 100, log=True),
        "reg_item": Between(0.3, 100, log=True),
    }


class Bias(Model):
    """Predicts ratings; ranks by them, the same order of items for everybody."""

    name = "bias"
    description = "ratings as mean + user bias + item bias"
    config_class = BiasConfig
    provides = frozenset({"rating"})
    chooses = False
    seeded = False

    config: BiasConfig
    catalogue: Catalogue
    mean: float
    item_bias: FloatArray  # (items,)
    bounds: tuple[float, float]  # lowest and highest rating of train

    def memory(self, sizes: Sizes) -> int:
        return RANKING_MEMORY + 64 * sizes.interactions + 32 * (sizes.items + sizes.users)

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        """:raises ModelError: when train rows have no ratings, or some that are not finite."""
        train = data.train
        ratings = given_ratings(train, self.name).astype(np.float64)
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
        return np.float32(self.mean) + self.user_biases(queries)[:, None] + of_items[None]

    def predict_rating(
        self, queries: Sequence[Query], items: Sequence[IntArray]
    ) -> list[FloatArray]:
        """Within the lowest and the highest rating of train."""
        return [
            np.clip(self.score([query], asked)[0], *self.bounds)
            for query, asked in zip(queries, items, strict=True)
        ]

    def explain_rating(self, query: Query, item: int) -> RatingReasons:
        return self.reasons(query, item).within(*self.bounds)

    def reasons(self, query: Query, item: int) -> RatingReasons:
        """The parts, not cut to the scale, to which another model may add."""
        return RatingReasons(
            {
                "mean of all ratings": self.mean,
                "this user": float(self.user_biases([query])[0]),
                "this item": float(self.item_bias[item]),
            }
        )

    def save(self, folder: Path) -> None:
        save_model(folder, self.name, self.config, self.catalogue, self.arrays())

    def arrays(self) -> Arrays:
        """What was learnt, for :meth:`of_arrays`, also of a model that holds this one."""
        about = np.array([self.mean, *self.bounds])
        return {"item_bias": self.item_bias, "mean_and_bounds": about}

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        return cls.of_arrays(arrays, catalogue, config)

    @classmethod
    def of_arrays(
        cls, arrays: Arrays, catalogue: Catalogue, config: BiasConfig | None = None
    ) -> Self:
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

    def user_biases(self, queries: Sequence[Query]) -> FloatArray:
        """``b_u`` of each query by the ratings of its history; 0 without any."""
        owners, rest = self._rest(queries)
        sums = np.bincount(owners, rest, len(queries))
        counts = np.bincount(owners, minlength=len(queries))
        return np.asarray(sums / np.maximum(self.config.reg_user + counts, 1e-9), np.float32)

    def left_over(self, queries: Sequence[Query]) -> list[FloatArray]:
        """``r - r̂`` of each rated event of the histories, 0 of those without ratings."""
        of_users = self.user_biases(queries)
        return [
            query.ratings - np.float32(self.mean) - user - self.item_bias[query.items]
            if query.ratings is not None
            else np.zeros(len(query.items), np.float32)
            for query, user in zip(queries, of_users, strict=True)
        ]

    def _rest(self, queries: Sequence[Query]) -> tuple[IntArray, Floats]:
        """The number of the query of each rated event, and the event's ``r - μ - b_i``."""
        lengths = [0 if query.ratings is None else len(query.items) for query in queries]
        rated = [query for query in queries if query.ratings is not None]
        items = np.concatenate([*(query.items for query in rated), np.zeros(0, np.int64)])
        ratings = np.concatenate([*(query.ratings for query in rated), np.zeros(0)])
        owners = np.repeat(np.arange(len(queries)), lengths)
        return owners, ratings - self.mean - self.item_bias[items]
