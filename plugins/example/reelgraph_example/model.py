"""The model ``trending``: what is popular among everybody's last few items."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field

from reelgraph.model.base import FitResult, Model, ModelConfig, TrainingOptions
from reelgraph.model.data import Catalogue, FloatArray, IntArray, Query
from reelgraph.model.needs import NOTHING, Supplied, TrainingData
from reelgraph.model.storage import load_model, save_model

from .need import FirstSeenNeed


class TrendingConfig(ModelConfig):
    """Parameters of :class:`Trending`."""

    window: int = Field(10, ge=1, description="last items of each user that count")
    half_life: float | None = Field(
        None, gt=0, description="days since an item's first event that halve its score"
    )


class Trending(Model):
    """Score of an item: in how many users' last ``window`` train items it is."""

    name = "trending"
    description = "items most often among the last ones of all users"
    config_class = TrendingConfig
    config: TrendingConfig

    catalogue: Catalogue
    counts: FloatArray

    @classmethod
    def needs(cls, config: TrendingConfig) -> tuple[FirstSeenNeed, ...]:
        return (FirstSeenNeed(),) if config.half_life else ()

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue = data.catalogue
        recent = [
            data.train.history(n)[-self.config.window :] for n in range(len(data.train.users))
        ]
        counts = np.bincount(np.concatenate(recent), minlength=len(data.catalogue))
        self.counts = counts.astype(np.float32)
        if self.config.half_life:
            first = data[FirstSeenNeed()]
            days = (np.nanmax(first) - first) / 86_400
            self.counts *= np.nan_to_num(0.5 ** (days / self.config.half_life))
        return FitResult()

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        counts = self.counts if items is None else self.counts[items]
        return np.tile(counts, (len(queries), 1))

    def save(self, folder: Path) -> None:
        save_model(folder, self.name, self.config, self.catalogue, {"counts": self.counts})

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.counts = catalogue, arrays["counts"]
        return model
