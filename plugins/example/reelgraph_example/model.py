"""The model ``trending``: what is popular among everybody's last few items."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field

from reelgraph.model.base import (
    Catalogue,
    FitResult,
    FloatArray,
    IntArray,
    Interactions,
    Model,
    ModelConfig,
    Query,
    TrainingOptions,
)
from reelgraph.model.storage import load_model, save_model


class TrendingConfig(ModelConfig):
    """Parameters of :class:`Trending`."""

    window: int = Field(10, ge=1, description="last items of each user that count")


class Trending(Model):
    """Score of an item: in how many users' last ``window`` train items it is."""

    name = "trending"
    description = "items most often among the last ones of all users"
    config_class = TrendingConfig
    config: TrendingConfig

    catalogue: Catalogue
    counts: FloatArray

    def fit(
        self, train: Interactions, valid: Interactions | None, options: TrainingOptions
    ) -> FitResult:
        self.catalogue = train.catalogue
        recent = [train.history(n)[-self.config.window :] for n in range(len(train.users))]
        counts = np.bincount(np.concatenate(recent), minlength=len(train.catalogue))
        self.counts = counts.astype(np.float32)
        return FitResult()

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        counts = self.counts if items is None else self.counts[items]
        return np.tile(counts, (len(queries), 1))

    def save(self, folder: Path) -> None:
        save_model(folder, self.name, self.config, self.catalogue, {"counts": self.counts})

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.counts = catalogue, arrays["counts"]
        return model
