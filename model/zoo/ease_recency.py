"""EASE of low rank whose queries are weighted by recency and, by choice, by rating.

``B`` of :mod:`.ease` is cut to its largest singular values, ``B ≈ L Rᵀ`` with ``L`` and ``R``
``(items, rank)``: that keeps what many users have in common, and the score becomes an inner
product of a user's and an item's vector. The item ``a`` positions before the last one of a
history has weight ``g · .5^(a / half_life)``, with ``g`` by its rating.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from pydantic import Field
from sklearn.utils.extmath import randomized_svd

from ..base import Evidence, FitResult, Model, ModelConfig, Sizes, TrainingOptions, Vectors
from ..data import Catalogue, FloatArray, IntArray, Query
from ..needs import NOTHING, Supplied, TrainingData
from ..rating_gains import GAINS, Gains, RatingGains
from ..search_space import Between, OneOf, Space
from ..storage import load_model, save_model
from .ease import ease_memory, item_weights


class RecencyEASEConfig(ModelConfig):
    """Parameters of EASE with recency, chosen on MovieLens 100K (``user-time``) without test."""

    reg: float = Field(300.0, gt=0, description="λ, added to the diagonal of XᵀX")
    half_life: float = Field(
        6.0, gt=0, description="positions after which an item of the history counts half"
    )
    rank: int = Field(64, ge=1, description="singular values of B that are kept")
    gains: Gains = Field((), description=GAINS)

    search_space: ClassVar[Mapping[str, Space]] = {
        "reg": Between(10, 5000, log=True),
        "half_life": Between(1, 100, log=True),
        "rank": OneOf((16, 32, 64, 128, 256)),
    }


class RecencyEASE(Model):
    """The score is a sum over the history, so it comes with exact evidence (bias 0)."""

    name = "ease-recency"
    description = "EASE of low rank, with what was had last counting most"
    config_class = RecencyEASEConfig
    provides = frozenset({"ranking", "evidence", "vectors"})

    chooses = False
    seeded = False

    config: RecencyEASEConfig
    catalogue: Catalogue
    gains: RatingGains
    left: FloatArray  # L, (items, rank): what is had
    right: FloatArray  # R, (items, rank): what is recommended

    def memory(self, sizes: Sizes) -> int:
        return ease_memory(sizes) + 16 * sizes.items * (self.config.rank + 10)

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue = data.catalogue
        self.gains = RatingGains.fitted(self.config.gains, data.train)
        weights = item_weights(data.train, self.config.reg, options.progress)
        rank = min(self.config.rank, len(weights))
        left, values, right = randomized_svd(weights, rank, n_iter=7, random_state=0)
        root = np.sqrt(values)
        self.left = np.ascontiguousarray(left * root, np.float32)
        self.right = np.ascontiguousarray(right.T * root, np.float32)
        return FitResult()

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        return self.users(queries) @ (self.right if items is None else self.right[items]).T

    def users(self, queries: Sequence[Query]) -> FloatArray:
        """``x L`` of each query, ``(queries, rank)``."""
        weights = self._weights(queries)
        users = [one @ self.left[query.items] for query, one in zip(queries, weights, strict=True)]
        return np.stack(users) if users else np.zeros((0, self.left.shape[1]), np.float32)

    def vectors(self, queries: Sequence[Query]) -> Vectors:
        """User and item vectors ``(…, rank + 1)``; the last gives all items one length."""
        squares = np.square(self.right).sum(1, keepdims=True)
        rest = np.sqrt(np.maximum(squares.max(initial=0) - squares, 0))
        users = self.users(queries)
        return Vectors(np.pad(users, ((0, 0), (0, 1))), np.hstack([self.right, rest]))

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        return [
            self._evidence(query, weights, asked)
            for query, weights, asked in zip(queries, self._weights(queries), items, strict=True)
        ]

    def _evidence(self, query: Query, weights: FloatArray, items: IntArray) -> Evidence:
        parts = self.right[items] @ (self.left[query.items] * weights[:, None]).T
        recency = self._recency(len(query.items))
        share = recency / recency.sum() if len(recency) else recency
        return Evidence(share, parts, np.zeros(len(items), np.float32), share)

    def _weights(self, queries: Sequence[Query]) -> list[FloatArray]:
        gains = self.gains.of_queries(queries)
        return [self._recency(len(one)) * one for one in gains]

    def _recency(self, length: int) -> FloatArray:
        age = np.arange(length - 1, -1, -1)
        return (0.5 ** (age / self.config.half_life)).astype(np.float32)

    def arrays(self) -> dict[str, FloatArray]:
        return {"left": self.left, "right": self.right}

    def save(self, folder: Path) -> None:
        gains = self.gains.saved()
        save_model(folder, self.name, self.config, self.catalogue, self.arrays(), gains=gains)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, content = load_model(folder, cls.name, cls.config_class, catalogue)
        return cls.made(config, catalogue, RatingGains.loaded(content["gains"]), arrays)

    @classmethod
    def made(
        cls,
        config: RecencyEASEConfig,
        catalogue: Catalogue,
        gains: RatingGains,
        arrays: Mapping[str, FloatArray],
    ) -> Self:
        """A fitted model of its :meth:`arrays`."""
        model = cls(config)
        model.catalogue, model.gains = catalogue, gains
        model.left, model.right = arrays["left"], arrays["right"]
        return model
