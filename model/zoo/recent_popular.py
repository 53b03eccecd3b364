"""Baseline: what was popular shortly before the question, the same for all who ask then.

Score of item ``i`` at time ``t``: ``Σ .5^((t - t_e) / half_life)`` over the train events ``e`` of
``i`` before ``t`` ([Recent popularity], DecayPop). ``t`` is the query's ``at``, else the time of
its last event, else the end of train. Sums are kept for at most 256 moments between which lie
equally many events, so ``t`` is moved back to the last of these.

The half-life is chosen in the fit, by the rows that it reads: of each user, the last tenth is
predicted from the time of the row before it, and the half-life with the highest mean of
``1 / log2(1 + rank)`` stays. Events without timestamps are only counted, as most-popular does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from pydantic import Field

from ..base import RANKING_MEMORY, FitResult, Model, ModelConfig, Sizes, TrainingOptions
from ..data import Catalogue, FloatArray, IntArray, Interactions, Query
from ..needs import NOTHING, Supplied, TrainingData
from ..storage import load_model, save_model

HALF_LIVES = (1.0, 3.0, 7.0, 14.0, 30.0, 60.0, 120.0, 365.0)  # days; and no decay
_DAY = 86_400
_MOMENTS = 256
_CELLS = 2**24  # of sums, at most
_JUDGED = 20_000  # events by which a half-life is chosen, at most


class RecentPopularConfig(ModelConfig):
    """Parameters of recent popularity."""

    half_life: float | None = Field(
        None, gt=0, description="days after which an event counts half; default: chosen in the fit"
    )


@dataclass(frozen=True)
class _Events:
    """Events in the order of time, and the moments (epoch seconds) at which sums are kept."""

    items: IntArray
    times: IntArray
    moments: IntArray


class RecentPopular(Model):
    """Without timestamps it is the same as most-popular, and its summary says so."""

    name = "recent-popular"
    description = "items with most events shortly before the question"
    config_class = RecentPopularConfig
    chooses = False
    seeded = False

    config: RecentPopularConfig
    catalogue: Catalogue
    half_life: float  # days; infinite for no decay
    moments: IntArray  # (moments,) epoch seconds, ascending; empty without timestamps
    sums: FloatArray  # (moments, items): of events before each; the last row of all events

    def memory(self, sizes: Sizes) -> int:
        cells = max(_CELLS, 2 * sizes.items)
        return RANKING_MEMORY + 40 * cells + 64 * sizes.interactions

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        self.catalogue, train = data.catalogue, data.train
        events = _in_time(train)
        if events is None:
            self.half_life, self.moments = np.inf, np.zeros(0, np.int64)
            counts = np.bincount(train.items, minlength=len(self.catalogue))
            self.sums = counts[None].astype(np.float32)
            return FitResult()
        self.half_life = self.config.half_life or _choose(events, train)
        self.moments = events.moments
        self.sums = _decayed(events, len(self.catalogue), self.half_life)
        return FitResult()

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        times = np.array([_time(query) for query in queries], np.float64)
        rows = _row_at(self.moments, times)
        return self.sums[rows] if items is None else self.sums[np.ix_(rows, items)]

    def save(self, folder: Path) -> None:
        arrays = {
            "half_life": np.array([self.half_life]),
            "moments": self.moments,
            "sums": self.sums,
        }
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.catalogue, model.half_life = catalogue, float(arrays["half_life"][0])
        model.moments, model.sums = arrays["moments"], arrays["sums"]
        return model

    def summary(self) -> dict[str, Any]:
        if not len(self.moments):
            return {"half-life": "none: train has no timestamps, so all its events count alike"}
        days = self.half_life
        return {"half-life": f"{days:g} days" if np.isfinite(days) else "none: all events alike"}


def _in_time(train: Interactions) -> _Events | None:
    """None without timestamps."""
    if train.timestamps is None or not len(train):
        return None
    order = np.argsort(train.timestamps, kind="stable")
    times = train.timestamps[order]
    most = int(np.clip(_CELLS // max(len(train.catalogue), 1) - 1, 1, _MOMENTS))
    places = np.linspace(0, len(times) - 1, most).astype(np.int64)
    return _Events(train.items[order], times, np.unique(times[places]))


def _decayed(events: _Events, items: int, half_life: float) -> FloatArray:
    """``(moments + 1, items)``: sums of what is before each moment, then of everything."""
    ends = np.append(events.moments, events.times[-1])
    bounds = np.append(np.searchsorted(events.times, events.moments), len(events.times))
    sums, now, start = np.zeros((len(ends), items), np.float32), np.zeros(items), 0
    for row, (end, bound) in enumerate(zip(ends, bounds, strict=True)):
        part, before = slice(start, bound), ends[max(row - 1, 0)]
        now *= 0.5 ** ((end - before) / _DAY / half_life)
        age = (end - events.times[part]) / _DAY
        now += np.bincount(events.items[part], 0.5 ** (age / half_life), items)
        sums[row], start = now, bound
    return sums


def _row_at(moments: IntArray, times: Any) -> IntArray:
    """The row of the sums for each time; nan is the end of train."""
    rows = np.searchsorted(moments, times, side="right") - 1
    # after the last moment begins the time that the sums of everything are for
    rows = np.where(rows == len(moments) - 1, len(moments), rows)
    return np.where(np.isnan(times), len(moments), np.maximum(rows, 0)).astype(np.int64)


def _time(query: Query) -> float:
    if query.at is not None:
        return float(query.at)
    if query.timestamps is not None and len(query.timestamps):
        return float(query.timestamps[-1])
    return float("nan")


def _choose(events: _Events, train: Interactions) -> float:
    """The half-life in days that ranks the last tenth of each user's rows best."""
    counts = np.diff(train.offsets)
    place = np.arange(len(train)) - np.repeat(train.offsets[:-1], counts)
    judged = np.flatnonzero(place >= np.repeat(np.maximum(np.floor(0.9 * counts), 1), counts))
    if not len(judged) or train.timestamps is None:
        return np.inf
    judged = judged[:: len(judged) // _JUDGED + 1]
    rows = _row_at(events.moments[:-1], train.timestamps[judged - 1].astype(np.float64))
    rows = np.minimum(rows, len(events.moments) - 1)  # never the sums of what is judged
    candidates = (*HALF_LIVES, np.inf)
    gains = [
        _gain(_decayed(events, len(train.catalogue), days), rows, train.items[judged])
        for days in candidates
    ]
    return candidates[int(np.argmax(gains))]


def _gain(sums: FloatArray, rows: IntArray, items: IntArray) -> float:
    """Mean of ``1 / log2(1 + rank)`` of each item in its row; of equals the worst rank."""
    total, order = 0.0, np.argsort(rows, kind="stable")
    rows, items = rows[order], items[order]
    for row in np.unique(rows):
        part = items[np.searchsorted(rows, row) : np.searchsorted(rows, row, side="right")]
        ascending = np.sort(sums[row])
        rank = len(ascending) - np.searchsorted(ascending, sums[row, part])
        total += float((1 / np.log2(1 + rank)).sum())
    return total / len(rows)
