"""Bayesian SVD++ with a level of the user that moves, and with evidence.

``r̂_ui = μ + b_u + b_i + P_u·Q_i + a_u``: all but ``a_u`` as in model ``bayesian-svd++``, of which
it is a subclass. People rate higher or lower for a while: ``a_u`` is a number per event of a
history (:mod:`..moving_level`), drawn in each sweep, too, with its variance; the vectors explain
what it leaves.

Nothing tells when a question is asked. Asked for what comes next, its level is ``φ`` times that of
the last event; asked for any row, the mean of all levels. The share of the first of both is what
fits valid best; without valid it is 1.

Given a sample, a prediction is linear in the ratings and the events of the history. With
``X`` ``(events, dim)`` the items' ``(1, Q_j)``, ``K`` the covariance of levels and noise,
``y = r - μ - b_j``, own prior ``N(c, Λ⁻¹)`` and ``g = K⁻¹ Cov(levels, a_u)``::

    A = Λ + Xᵀ K⁻¹ X,   w_i = A⁻¹ ((1, Q_i) - Xᵀ g)
    r̂_i = μ + b_i + c·Λ w_i + Σ_j [ y_j ((K⁻¹ X)_j·w_i + g_j) + n^-½ part_j·Λ w_i ]

so the terms of each ``j``, their mean over samples, are exact evidence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
from pydantic import Field
from scipy import sparse

from ..base import Evidence, FitResult, Sizes, TrainingOptions
from ..data import Catalogue, FloatArray, IntArray, Query
from ..gibbs import Sample, Sampler
from ..histories import given_ratings
from ..moving_level import Floats, Levels, solved
from ..needs import NOTHING, Supplied, TrainingData
from ..rated_events import RatedEvents
from ..rating_reasons import RatingReasons
from ..storage import load_model, save_model
from ..targets import Asked
from ..training.descent import passes
from ..vectors import share_of_history
from .bayesian_svdpp import BayesianSVDPP, BayesianSVDPPConfig

_START = 0.05  # first variance of the levels, in that of the ratings
_QUERIES = 256  # folded in at once


class DriftingSVDPPConfig(BayesianSVDPPConfig):
    """Parameters of Bayesian SVD++ with a moving level."""

    level_memory: float = Field(
        30.0,
        gt=0,
        le=1e6,
        description="events after which a user's level has forgotten all but 1 / e",
    )


@dataclass(frozen=True)
class _Folded:
    """What one sample makes of queries: ``A`` and, by event, ``X``, ``K⁻¹ X`` and ``y``.

    ``known`` is ``Σ_j n^-½ part_j``, ``towards`` the own vectors, ``levels`` ``(queries, 2)`` the
    level of what comes next and of any row.
    """

    systems: Floats
    rows: Floats
    whitened: Floats
    y: Floats
    root: Floats
    vectors: Floats
    levels: Floats


class DriftingSVDPP(BayesianSVDPP):
    """Predicts ratings, with evidence; ranks by them."""

    name = "drifting-svd++"
    description = "ratings by Bayesian SVD++ with a user's level that moves, with evidence"
    config_class: ClassVar[type[BayesianSVDPPConfig]] = DriftingSVDPPConfig
    provides = frozenset({"rating", "evidence"})
    chooses = True

    config: DriftingSVDPPConfig
    variances: Floats  # (samples,): v of the levels
    next_share: float

    def memory(self, sizes: Sizes) -> int:
        return super().memory(sizes) + 8 * 8 * sizes.interactions

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        """:raises ModelError: when train rows have no ratings, or some that are not finite."""
        ratings = given_ratings(data.train, self.name)
        self.catalogue = data.catalogue
        self.mean = float(ratings.mean(dtype=np.float64))
        self.bounds = (float(ratings.min()), float(ratings.max()))
        every = [data.train.query(user) for user in range(len(data.train.users))]
        self._draw(RatedEvents.of(every, self.mean), options)
        self.next_share = options.settings.get("next_share", 1.0)
        if (asked := data.asked) is not None and asked.ratings is not None:
            self.next_share = self._best_share(asked)
        return FitResult(settings={"next_share": self.next_share})

    def _draw(self, events: RatedEvents, options: TrainingOptions) -> None:
        config = self.config
        shape = (len(events.offsets) - 1, len(self.catalogue))
        sampler = Sampler(
            sparse.csr_array((events.rest, events.items, events.offsets), shape),
            config.factors,
            options.seed,
        )
        levels, now = Levels(events.offsets, config.level_memory), np.zeros(len(events.rest))
        variance = max(_START * float(events.rest.var()), 1e-6)
        kept, variances = [], []
        for sweep in passes(config.sweeps, self.name, options, "sweep"):
            sample = sampler.sweep()
            seen, root = sampler.left_over() + now, levels.root(variance, sampler.noise)
            now = levels.draw(root, sampler.noise, seen, sampler.generator)
            variance = levels.draw_variance(now, sampler.generator)
            sampler.take_away(now)
            late = sweep - config.burn_in
            if late >= 0 and late % config.thin == 0:
                kept.append(sample)
                variances.append(variance)
        self.samples, self.variances = Sample.stacked(kept), np.array(variances)

    def _best_share(self, asked: Asked) -> float:
        """Least squares on valid, between 0 and 1."""
        left, apart = [], []
        for part in asked.parts(_QUERIES):
            base, levels = self._parts(part.queries, None)
            counts = [len(answers) for answers in part.answers]
            rows = np.repeat(np.arange(len(counts)), counts)
            assert part.ratings is not None
            predicted = base[rows, np.concatenate(part.answers)] + levels[rows, 1]
            left.append(np.concatenate(part.ratings) - predicted)
            apart.append((levels[:, 0] - levels[:, 1])[rows])
        error, step = np.concatenate(left), np.concatenate(apart)
        return float(np.clip((step @ error) / max(step @ step, 1e-12), 0, 1))

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        """Predicted ratings, not cut to the scale, so that few are equal."""
        width = len(self.catalogue) if items is None else len(items)
        found = [np.zeros((0, width), np.float32)]
        for start in range(0, len(queries), _QUERIES):
            base, levels = self._parts(queries[start : start + _QUERIES], items)
            found.append((base + (levels @ self._share)[:, None]).astype(np.float32))
        return np.concatenate(found)

    @property
    def _share(self) -> Floats:
        """What the level of what comes next counts, and that of any row: ``(2,)``."""
        return np.array([self.next_share, 1 - self.next_share])

    def _parts(self, queries: Sequence[Query], items: IntArray | None) -> tuple[Floats, Floats]:
        """Predictions without the level ``(queries, items)``, and both levels ``(queries, 2)``."""
        events = RatedEvents.of(queries, self.mean)
        asked = slice(None) if items is None else items
        base: Floats | float = 0.0
        levels: Floats | float = 0.0
        count = len(self.variances)
        for number in range(count):
            sample = self._sample(number)
            folded = self._fold(events, sample, self.variances[number])
            of_items, vectors = sample.items[asked], folded.vectors
            base = base + vectors[:, :1] + of_items[:, 0] + vectors[:, 1:] @ of_items[:, 1:].T
            levels = levels + folded.levels
        return np.asarray(base / count + self.mean), np.asarray(levels / count)

    def _sample(self, number: int) -> Sample:
        """One sample, in double precision."""
        arrays = self.samples.number(number).arrays()
        doubles: dict[str, Any] = {name: one.astype(np.float64) for name, one in arrays.items()}
        return Sample(**doubles)

    def _fold(self, events: RatedEvents, sample: Sample, variance: float) -> _Folded:
        noise, levels = float(sample.noise), Levels(events.offsets, self.config.level_memory)
        rows = np.array(sample.items[events.items], np.float64)
        rows[:, 0] = 1
        y = (events.rest - sample.items[events.items, 0]) * events.rated
        rows *= events.rated[:, None]
        known = events.sums(sample.implicit[events.items] * events.having[:, None])
        root = levels.root(variance, noise)
        left = y - (known[events.owners] * rows).sum(axis=1)
        smooth = solved(root, np.column_stack([rows, left]))
        whitened = noise * rows - noise**2 * smooth[:, :-1]
        systems = np.stack(
            [
                rows[a:b].T @ whitened[a:b]
                for a, b in zip(events.offsets[:-1], events.offsets[1:], strict=True)
            ]
        ) + np.diag(sample.precision)
        pull = events.sums(whitened * left[:, None]) + sample.precision * sample.centre
        towards = np.linalg.solve(systems, pull[..., None])[..., 0]
        path = noise * (smooth[:, -1] - (smooth[:, :-1] * towards[events.owners]).sum(axis=1))
        at = events.sums(path[:, None] * self._places(events, levels.decay))
        return _Folded(systems, rows, whitened, y, root, known + towards, at)

    def _places(self, events: RatedEvents, decay: float) -> Floats:
        """What the level of each event counts in those of :class:`_Folded`: ``(events, 2)``."""
        found = np.zeros((len(events.items), 2))
        lengths = np.diff(events.offsets)
        found[events.offsets[1:][lengths > 0] - 1, 0] = decay
        found[:, 1] = events.having**2
        return found

    def explain(self, queries: Sequence[Query], items: Sequence[IntArray]) -> list[Evidence]:
        return [self._evidence(query, asked) for query, asked in zip(queries, items, strict=True)]

    def _evidence(self, query: Query, asked: IntArray) -> Evidence:
        """Of repeated items of the history, the last has it all; weights are shares of sizes."""
        events = RatedEvents.of([query], self.mean)
        parts, bias = np.zeros((len(asked), len(events.items))), np.full(len(asked), self.mean)
        decay, count = Levels(events.offsets, self.config.level_memory).decay, len(self.variances)
        at = self._places(events, decay) @ self._share
        for number in range(count):
            sample = self._sample(number)
            folded = self._fold(events, sample, self.variances[number])
            level = float(sample.noise) * solved(folded.root, at) * events.rated
            targets = sample.items[asked]
            constant = targets[:, 0].copy()
            targets[:, 0] = 1
            weights = np.linalg.solve(folded.systems[0], (targets - level @ folded.rows).T).T
            prior = weights * sample.precision
            bias += (constant + prior @ sample.centre) / count
            having = sample.implicit[events.items] * events.having[:, None]
            of_ratings = folded.y * (weights @ folded.whitened.T + level)
            parts += (of_ratings + prior @ having.T) / count
        kept = share_of_history(query.items) > 0
        contributions = np.zeros((len(asked), len(query.items)), np.float32)
        contributions[:, kept] = parts
        return Evidence(_shares(contributions, kept), contributions, bias.astype(np.float32))

    def explain_rating(self, query: Query, item: int) -> RatingReasons:
        found = self.explain([query], [np.array([item])])[0]
        parts = {"mean of all ratings": self.mean, "this item": float(found.bias[0]) - self.mean}
        reasons = RatingReasons(parts, query.items, found.contributions[0])
        return reasons.within(*self.bounds)

    def save(self, folder: Path) -> None:
        about = np.array([self.mean, *self.bounds, self.next_share])
        arrays = {"about": about, "variances": self.variances, **self.samples.arrays()}
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        model.mean, low, high, model.next_share = arrays.pop("about").tolist()
        model.catalogue, model.bounds = catalogue, (low, high)
        model.variances = arrays.pop("variances")
        model.samples = Sample(**arrays)
        return model


def _shares(contributions: FloatArray, kept: npt.NDArray[np.bool_]) -> FloatArray:
    """Mean size of each event's contributions, as shares; equal ones where all are 0."""
    sizes = np.abs(contributions).mean(axis=0) if len(contributions) else kept * 0.0
    sizes = sizes if sizes.sum() > 0 else kept.astype(np.float64)
    return np.asarray(sizes / max(sizes.sum(), 1e-30), np.float32)
