"""Baseline: items in random order, another one for each history.

Score of item ``i`` for history ``h``: a number in [0, 1) that the output function of SplitMix64
[SplitMix] makes of the seed, a checksum of ``h`` and ``i``. What is below this row has learnt
nothing.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from ..base import RANKING_MEMORY, FitResult, Model, Sizes, TrainingOptions
from ..data import Catalogue, FloatArray, IntArray, Query
from ..needs import NOTHING, Supplied, TrainingData
from ..storage import load_model, save_model

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)


class Random(Model):
    """The same history has the same order, whoever asks. Takes no parameters."""

    name = "random"
    description = "items in random order"
    chooses = False

    catalogue: Catalogue
    seed: int

    def memory(self, sizes: Sizes) -> int:
        return 2 * RANKING_MEMORY

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue, self.seed = data.catalogue, options.seed
        return FitResult()

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        asked = np.arange(len(self.catalogue)) if items is None else items
        start = np.array([self._start(query) for query in queries], np.uint64)
        return _uniform(start[:, None] + _GAMMA * (asked.astype(np.uint64) + np.uint64(1)))

    def _start(self, query: Query) -> int:
        history = np.ascontiguousarray(query.items, "<i8").tobytes()
        return zlib.crc32(history) << 32 | zlib.crc32(str(self.seed).encode())

    def save(self, folder: Path) -> None:
        arrays = {"seed": np.array([self.seed], np.int64)}
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.seed = catalogue, int(arrays["seed"][0])
        return model


def _uniform(state: npt.NDArray[np.uint64]) -> FloatArray:
    """Numbers in [0, 1) with the 24 bits that float32 holds."""
    for shift, factor in _MIX:
        state = (state ^ (state >> shift)) * factor
    state ^= state >> np.uint64(31)
    return (state >> np.uint64(40)).astype(np.float32) * np.float32(2**-24)
