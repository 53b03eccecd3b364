"""Baseline: the items with most events in train, the same list for everybody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from ..base import RANKING_MEMORY, FitResult, Model, Sizes, TrainingOptions
from ..data import Catalogue, FloatArray, IntArray, Query
from ..needs import NOTHING, Supplied, TrainingData
from ..storage import load_model, save_model


class MostPopular(Model):
    """Score of an item: its number of events in train. Takes no parameters."""

    name = "most-popular"
    description = "items with most events in train"
    chooses = False
    seeded = False

    catalogue: Catalogue
    counts: FloatArray

    def memory(self, sizes: Sizes) -> int:
        return RANKING_MEMORY + 16 * sizes.items

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue = data.catalogue
        self.counts = np.bincount(data.train.items, minlength=len(data.catalogue)).astype(
            np.float32
        )
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
