"""EASE, a linear item-to-item model in closed form, with optional recency.

Steck, Embarrassingly shallow autoencoders for sparse data, WWW 2019: with ``X``
``(users, items)`` of zeros and ones, ``P = (XᵀX + λI)⁻¹`` and ``B = I - P · diag(1/diag P)``,
the scores of a user are ``x B``. Here ``x`` may be weighted by recency when asked, not when
fitted: the item ``a`` positions before the last one has weight ``.5^(a / half_life)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field

from .base import (
    Catalogue,
    Evidence,
    FitResult,
    FloatArray,
    IntArray,
    Interactions,
    Model,
    ModelConfig,
    Query,
    TrainingOptions,
)
from .storage import load_model, save_model


class EASEConfig(ModelConfig):
    """Parameters of EASE."""

    reg: float = Field(300.0, gt=0, description="λ, added to the diagonal of XᵀX")
    half_life: float | None = Field(
        None, gt=0, description="positions after which an item of the history counts half"
    )


class EASE(Model):
    """The score is a sum over the history, so it comes with exact evidence (bias 0)."""

    name = "ease"
    description = "linear item-to-item model in closed form (EASE), optional recency"
    config_class = EASEConfig
    provides = frozenset({"ranking", "evidence"})

    config: EASEConfig
    catalogue: Catalogue
    item_weights: FloatArray  # B, (items, items)

    def fit(
        self, train: Interactions, valid: Interactions | None, options: TrainingOptions
    ) -> FitResult:
        self.catalogue = train.catalogue
        x = np.zeros((len(train.users), len(train.catalogue)), np.float32)
        x[np.repeat(np.arange(len(train.users)), np.diff(train.offsets)), train.items] = 1
        gram = (x.T @ x).astype(np.float64)
        gram[np.diag_indices_from(gram)] += self.config.reg
        p = np.linalg.inv(gram)
        b = -p / np.diag(p)
        np.fill_diagonal(b, 0)
        self.item_weights = b.astype(np.float32)
        return FitResult()

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        x = np.zeros((len(queries), len(self.catalogue)), np.float32)
        for row, query in zip(x, queries, strict=True):
            np.add.at(row, query.items, self._recency(len(query.items)))
        return x @ (self.item_weights if items is None else self.item_weights[:, items])

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        return [self._evidence(query, asked) for query, asked in zip(queries, items, strict=True)]

    def _evidence(self, query: Query, items: IntArray) -> Evidence:
        recency = self._recency(len(query.items))
        parts = (self.item_weights[np.ix_(query.items, items)] * recency[:, None]).T
        weights = recency / recency.sum() if len(recency) else recency
        return Evidence(weights, parts, np.zeros(len(items), np.float32))

    def _recency(self, length: int) -> FloatArray:
        if self.config.half_life is None:
            return np.ones(length, np.float32)
        age = np.arange(length - 1, -1, -1)
        return (0.5 ** (age / self.config.half_life)).astype(np.float32)

    def save(self, folder: Path) -> None:
        arrays = {"item_weights": self.item_weights}
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.item_weights = catalogue, arrays["item_weights"]
        return model
