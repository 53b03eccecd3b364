"""Evaluation of predicted ratings, with intervals over users.

Every row of the fold is predicted from what the protocol lets a question read, as when ranking.
Definitions as in scikit-learn; intervals come from resamples of users with all of their rows.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from ...artifacts import Interval, ModelMetrics, Slice
from ..base import Model
from ..data import FloatArray, IntArray, Interactions
from ..dataset import Folds
from .questions import Fold, Questions, ask_some, read_rows
from .ranking import RESAMPLES
from .slices import parts, slices

Floats = npt.NDArray[np.float64]

METRICS = ("mse", "rmse", "mae", "r2", "explained_variance", "median_absolute_error")

_GROUP = 4096  # questions at a time
_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")


def evaluate_ratings(
    model: Model, folds: Folds, seed: int = 42, fold: Fold = "test", sliced: bool = False
) -> ModelMetrics:
    """Metrics of a fitted model's predicted ratings on one fold.

    :param sliced: whether there are figures of slices, too (:mod:`.slices`).
    :returns: ``mse, rmse, mae, r2, explained_variance, median_absolute_error`` over rows, with
        intervals over users.
    :raises InputError: when the split is not for rating, the fold has no rows, or the rows no
        ratings.
    """
    asked = ask_some(folds, fold, "rating")
    known = read_rows(folds, fold)
    owners = np.repeat(asked.owners, [len(test) for test in asked.tests])
    errors = rating_errors(model, asked)
    cold = np.diff(known.offsets)[owners] == 0
    warm = None
    if cold.any() and not cold.all():
        truth, predicted = (one[~cold] for one in errors)
        warm = rating_metrics(truth, predicted, owners[~cold], seed)
    found = ModelMetrics(
        fold=fold,
        users=len(np.unique(owners)),
        cold=len(np.unique(owners[cold])),
        questions=len(asked.queries),
        ratings=len(owners),
        history=folds.rules.history(fold),
        metrics=rating_metrics(*errors, owners, seed),
        warm=warm,
    )
    if not sliced:
        return found
    return found.model_copy(update={"slices": _slices(asked, known, errors, seed)})


def _slices(
    asked: Questions, known: Interactions, errors: tuple[Floats, Floats], seed: int
) -> dict[str, Slice]:
    question = np.repeat(np.arange(len(asked.tests)), [len(test) for test in asked.tests])
    owners = asked.owners[question]

    def figures(places: IntArray, among: IntArray) -> dict[str, Interval]:
        truth, predicted = (one[places] for one in errors)
        return rating_metrics(truth, predicted, owners[places], seed)

    found = parts(known, np.unique(owners), cold_items=True)
    return slices(found, owners, np.concatenate(asked.tests), question, figures)


def rating_metrics(
    truth: Floats, predicted: Floats, owners: IntArray, seed: int = 42
) -> dict[str, Interval]:
    """Each metric with its 95 % percentile interval over users.

    :param truth: ``(rows,)`` given ratings; ``predicted`` and ``owners``, the user of each
        row, are as long.
    """
    _, user = np.unique(owners, return_inverse=True)
    users = int(user.max()) + 1
    errors, centred = truth - predicted, truth - truth.mean()
    columns = (np.ones(len(truth)), errors, errors**2, np.abs(errors), centred, centred**2)
    sums = np.stack([np.bincount(user, one, users) for one in columns], axis=1)
    drawn = np.random.default_rng(seed).multinomial(
        users, np.full(users, 1 / users), size=RESAMPLES
    )
    # how often each user counts: once for the figure itself, then by resample
    counts = np.concatenate([np.ones((1, users), np.int64), drawn])
    table = np.column_stack([_figures(counts @ sums), _medians(np.abs(errors), user, counts)])
    low, high = np.percentile(table[1:], [2.5, 97.5], axis=0)
    return {
        name: Interval(mean=float(table[0, i]), low=float(low[i]), high=float(high[i]))
        for i, name in enumerate(METRICS)
    }


def _figures(sums: Floats) -> Floats:
    """``(resamples, 5)``: all metrics but the median.

    :param sums: ``(resamples, 6)`` of 1, error, error², |error|, rating and rating², the
        ratings less their mean.
    """
    rows = sums[:, 0]
    error, squared, absolute, rating, rating_squared = (sums[:, 1:] / rows[:, None]).T
    spread = rating_squared - rating**2
    return np.column_stack(
        [
            squared,
            np.sqrt(squared),
            absolute,
            _explained(squared, spread),
            _explained(squared - error**2, spread),
        ]
    )


def _explained(part: Floats, whole: Floats) -> Floats:
    """``1 - part / whole``; with equal given ratings 1 for a perfect prediction, else 0."""
    perfect = np.where(part <= 1e-12, 1.0, 0.0)
    return np.where(whole > 1e-12, 1 - part / np.maximum(whole, 1e-12), perfect)


def _medians(sizes: Floats, user: IntArray, counts: IntArray) -> Floats:
    """``(resamples,)``: the middle |error|, or the mean of both middle ones."""
    order = np.argsort(sizes, kind="stable")
    sizes, user = sizes[order], user[order]
    found = np.empty(len(counts))
    for n, count in enumerate(counts):
        reached = np.cumsum(count[user])
        middles = [np.searchsorted(reached, reached[-1] / 2, side) for side in _SIDES]
        found[n] = sizes[np.minimum(middles, len(sizes) - 1)].mean()
    return found


def rating_errors(model: Model, asked: Questions) -> tuple[Floats, Floats]:
    """Given and predicted ratings of all rows, in the order of the questions."""
    predicted: list[FloatArray] = []
    for start in range(0, len(asked.queries), _GROUP):
        part = slice(start, start + _GROUP)
        predicted += model.predict_rating(asked.queries[part], asked.tests[part])
    none = [np.zeros(0, np.float32)]
    truth = np.concatenate([*(asked.ratings or ()), *none]).astype(np.float64)
    return truth, np.concatenate([*predicted, *none]).astype(np.float64)
