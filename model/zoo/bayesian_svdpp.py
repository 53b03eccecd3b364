"""Bayesian SVD++, flipped, by Gibbs sampling: ratings from the mean of many factorisations.

``r̂_ui = μ + b_u + b_i + P_u·Q_i`` with ``P_u = p_u + |N_u|^-½ Σ_{j ∈ N_u} y_j`` over the items of
the user, and, flipped, ``Q_i = q_i + |M_i|^-½ Σ_{v ∈ M_i} z_v`` over the users of the item. Biases
are made of the same four parts. It is the factorisation machine that [Baselines] finds best on
MovieLens 10M, without its days: a question about a rating to come has none.

Priors are normal, with a mean and a precision per part and coordinate that are drawn as well
([BPMF] has the same with full covariances). A sweep draws each vector with all its coordinates at
once from its conditional distribution (:mod:`..gibbs`). After ``burn_in`` sweeps, every ``thin``-th
is kept.

A query's ``p_u`` comes from its history, also for train users: in each kept sample, its
conditional mean given the items and the ratings of the history, in closed form. A prediction is
the mean over samples; it needs no user number, and the train users' own draws are not kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field, ValidationInfo, field_validator
from scipy import sparse

from ..base import RANKING_MEMORY, FitResult, Model, ModelConfig, Sizes, TrainingOptions, chunks
from ..data import Catalogue, FloatArray, IntArray, Query
from ..gibbs import Sample, Sampler
from ..histories import given_ratings, query_matrix, row_normalised
from ..needs import NOTHING, Supplied, TrainingData
from ..normal_equations import CELLS, outer_sums, some_rows
from ..storage import load_model, save_model
from ..training.descent import passes


class BayesianSVDPPConfig(ModelConfig):
    """Parameters of Bayesian SVD++."""

    factors: int = Field(10, ge=1, description="length of the vectors of users and items")
    sweeps: int = Field(250, ge=1, description="how often everything is drawn")
    burn_in: int = Field(
        50, ge=0, validate_default=True, description="first sweeps that are not kept"
    )
    thin: int = Field(4, ge=1, description="of the other sweeps, every so many-th is kept")

    @field_validator("burn_in")
    @classmethod
    def _keeps_some(cls, burn_in: int, others: ValidationInfo) -> int:
        if burn_in >= others.data.get("sweeps", burn_in + 1):
            raise ValueError("must be less than sweeps, so that some are kept")
        return burn_in


class BayesianSVDPP(Model):
    """Predicts ratings; ranks by them. It keeps the items' side of each sample."""

    name = "bayesian-svd++"
    description = "ratings by Bayesian SVD++ with implicit users and items (Gibbs sampling)"
    config_class = BayesianSVDPPConfig
    provides = frozenset({"rating"})
    chooses = False

    config: BayesianSVDPPConfig
    catalogue: Catalogue
    mean: float
    bounds: tuple[float, float]  # lowest and highest rating of train
    samples: Sample  # stacked: a first axis of samples

    def memory(self, sizes: Sizes) -> int:
        width, kept = self.config.factors + 1, self._kept()
        samples = 8 * kept * sizes.items * width
        systems = 4 * width**2 * (2 * (sizes.users + sizes.items) + sizes.interactions // 4)
        fit = systems + 8 * width * (sizes.users + sizes.items) * 4
        return 2 * RANKING_MEMORY + samples * 2 + fit + 20 * CELLS + 200 * sizes.interactions

    def _kept(self) -> int:
        return len(range(self.config.burn_in, self.config.sweeps, self.config.thin))

    def fit(self, data: TrainingData, options: TrainingOptions) -> FitResult:
        """:raises ModelError: when train rows have no ratings, or some that are not finite."""
        ratings = given_ratings(data.train, self.name)
        self.catalogue, config = data.catalogue, self.config
        self.mean = float(ratings.mean(dtype=np.float64))
        self.bounds = (float(ratings.min()), float(ratings.max()))
        every = [data.train.query(user) for user in range(len(data.train.users))]
        rest = query_matrix(
            every,
            len(self.catalogue),
            np.split(ratings - np.float32(self.mean), data.train.offsets[1:-1]),
        )
        sampler = Sampler(rest, config.factors, options.seed)
        kept = []
        for sweep in passes(config.sweeps, self.name, options, "sweep"):
            sample = sampler.sweep()
            late = sweep - config.burn_in
            if late >= 0 and late % config.thin == 0:
                kept.append(sample)
        self.samples = Sample.stacked(kept)
        return FitResult()

    def score(self, queries: Sequence[Query], items: IntArray | None = None) -> FloatArray:
        """Predicted ratings, not cut to the scale, so that few are equal."""
        asked = slice(None) if items is None else items
        width = len(self.catalogue) if items is None else len(items)
        rated = [query if query.ratings is not None else _unrated(query) for query in queries]
        rest = query_matrix(
            rated,
            len(self.catalogue),
            [np.asarray(one.ratings, np.float32) - np.float32(self.mean) for one in rated],
        )
        having = row_normalised(query_matrix(queries, len(self.catalogue)))
        total = np.zeros((len(queries), width), np.float32)
        for number in range(len(self.samples.items)):
            sample = self.samples.number(number)
            users, of_items = _fold_in(sample, rest, having), sample.items[asked]
            total += users[:, :1] + of_items[:, 0] + users[:, 1:] @ of_items[:, 1:].T
        return total / np.float32(len(self.samples.items)) + np.float32(self.mean)

    def predict_rating(
        self, queries: Sequence[Query], items: Sequence[IntArray]
    ) -> list[FloatArray]:
        """Within the lowest and the highest rating of train."""
        found: list[FloatArray] = []
        for part in chunks(len(queries), len(self.catalogue), 1024):
            rows = np.clip(self.score(queries[part]), *self.bounds)
            found += [row[asked] for row, asked in zip(rows, items[part], strict=True)]
        return found

    def save(self, folder: Path) -> None:
        about = np.array([self.mean, *self.bounds])
        arrays = {"mean_and_bounds": about, **self.samples.arrays()}
        save_model(folder, self.name, self.config, self.catalogue, arrays)

    @classmethod
    def load(cls, folder: Path, catalogue: Catalogue, supplied: Supplied = NOTHING) -> Self:
        config, arrays, _ = load_model(folder, cls.name, cls.config_class, catalogue)
        model = cls(config)
        mean, low, high = arrays.pop("mean_and_bounds").tolist()
        model.catalogue, model.mean, model.bounds = catalogue, mean, (low, high)
        model.samples = Sample(**arrays)
        return model


def _unrated(query: Query) -> Query:
    return Query(query.user, np.zeros(0, np.int64), np.zeros(0, np.float32))


def _fold_in(sample: Sample, rest: sparse.csr_array, having: sparse.csr_array) -> FloatArray:
    """Bias and ``P`` of each query in one sample: ``(queries, factors + 1)``.

    :param rest: ``(queries, items)``: ``r - μ``; ``having`` is 1 / √|N| at the history's items.
    """
    known = np.asarray(having @ sample.implicit, np.float32)
    rows = sample.items.copy()
    rows[:, 0] = 1  # the factor of the user's bias
    towards = np.empty_like(known)
    left = rest.copy()
    owners = np.repeat(np.arange(rest.shape[0]), np.diff(rest.indptr))
    left.data = (
        rest.data - sample.items[rest.indices, 0] - (known[owners] * rows[rest.indices]).sum(axis=1)
    )
    for part in some_rows(rest.shape[0], rows.shape[1]):
        systems = sample.noise * outer_sums(rest[part], rows)
        systems += np.diag(sample.precision)
        pull = sample.noise * (left[part] @ rows) + sample.precision * sample.centre
        towards[part] = np.linalg.solve(systems, pull[..., None])[..., 0]
    return known + towards
