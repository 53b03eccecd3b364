"""Several models against the best of them, on the same users, with corrected p-values.

A figure is a weighted mean over users: a user's value counts as often as the user was asked
(targets of ``successive``, rows of a rating run). An RMSE is the root of such a mean, and two of
them are compared by their squared errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...artifacts import Interval
from .metrics import Values
from .ranking import RESAMPLES, compare

Correction = Literal["holm", "bh"]

CORRECTIONS: tuple[Correction, ...] = ("holm", "bh")
LEVEL = 0.05  # differences with a larger corrected p-value are not told from chance
ROOTS = {"rmse": "mse"}  # metrics that are the root of a mean, and what the mean is of
ERRORS = frozenset({"rmse", "mse", "mae"})  # less is better


@dataclass(frozen=True)
class Difference:
    """A model less the best one: difference of the figures with its 95 % bootstrap interval.

    ``p`` is of the paired permutation test, ``corrected`` for the number of models.
    """

    difference: float
    low: float
    high: float
    p: float
    corrected: float


def holm(p_values: Sequence[float]) -> list[float]:
    """Holm's step-down correction: the chance of any false difference stays below the level.

    With the i-th smallest of m values, ``max over j <= i of (m - j + 1) p_j``, at most 1
    (Holm 1979, as in ``statsmodels.stats.multitest.multipletests``).

    >>> [round(p, 6) for p in holm([0.01, 0.04, 0.03])]
    [0.03, 0.06, 0.06]
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return _in_place(np.minimum(steps, 1), order)


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """Benjamini and Hochberg's correction: the share of false differences among those found.

    With the i-th smallest of m values, ``min over j >= i of m p_j / j``, at most 1 (Benjamini
    and Hochberg 1995, as in ``scipy.stats.false_discovery_control``).

    >>> [round(p, 6) for p in benjamini_hochberg([0.01, 0.04, 0.03])]
    [0.03, 0.04, 0.04]
    """
    p = np.asarray(p_values, np.float64)
    order = np.argsort(p, kind="stable")
    ranked = p[order] * len(p) / np.arange(1, len(p) + 1)
    steps = np.minimum.accumulate(ranked[::-1])[::-1]
    return _in_place(np.minimum(steps, 1), order)


_CORRECT: dict[Correction, Callable[[Sequence[float]], list[float]]] = {
    "holm": holm,
    "bh": benjamini_hochberg,
}


def figure(metric: str, values: Values, weights: Values, seed: int = 42) -> Interval:
    """The metric over all users with its 95 % bootstrap interval over users.

    :param values: ``(users,)``, of an RMSE the mean squared errors; ``weights`` likewise.
    """
    if not len(values):
        return Interval(mean=0.0, low=0.0, high=0.0)
    drawn = _resamples(len(values), seed)
    low, high = np.percentile(_figures(metric, values, weights, drawn), [2.5, 97.5])
    return Interval(mean=point(metric, values, weights), low=float(low), high=float(high))


def point(metric: str, values: Values, weights: Values) -> float:
    """The metric over all users."""
    return float(_figures(metric, values, weights, np.ones((1, len(values))))[0])


def best_of(metric: str, values: Mapping[str, Values], weights: Values) -> str:
    """The model with the best figure; the first one of equals."""
    sign = -1 if metric in ERRORS else 1
    return max(values, key=lambda name: sign * point(metric, values[name], weights))


def against_best(
    metric: str,
    values: Mapping[str, Values],
    weights: Values,
    correction: Correction = "holm",
    seed: int = 42,
) -> tuple[str, dict[str, Difference]]:
    """The best model, and the paired test of each other one against it.

    :param values: by model ``(users,)``, the same users in the same order.
    :returns: the best model's name and, for all others, their difference to it.
    :raises ValueError: when the models' users differ.
    """
    best = best_of(metric, values, weights)
    others = [name for name in values if name != best]
    parts = weights / weights.mean()
    tests = [compare(values[best] * parts, values[name] * parts, seed)["p"] for name in others]
    drawn = _resamples(len(weights), seed)
    of_best = _figures(metric, values[best], weights, drawn)
    found = {}
    for name, p, corrected in zip(others, tests, _CORRECT[correction](tests), strict=True):
        spread = _figures(metric, values[name], weights, drawn) - of_best
        low, high = np.percentile(spread, [2.5, 97.5])
        mean = point(metric, values[name], weights) - point(metric, values[best], weights)
        found[name] = Difference(mean, float(low), float(high), p, corrected)
    return best, found


def _resamples(users: int, seed: int) -> Values:
    """``(resamples, users)``: how often each user is drawn, as in :func:`.ranking.bootstrap`."""
    generator = np.random.default_rng(seed)
    drawn = generator.multinomial(users, np.full(users, 1 / users), size=RESAMPLES)
    return drawn.astype(np.float64)


def _figures(metric: str, values: Values, weights: Values, counts: Values) -> Values:
    """``(resamples,)``: the metric of users who count so often."""
    means = counts @ (values * weights) / (counts @ weights)
    return np.sqrt(means) if metric in ROOTS else np.asarray(means)


def _in_place(steps: Values, order: np.ndarray[tuple[int], np.dtype[np.intp]]) -> list[float]:
    found = np.empty(len(steps))
    found[order] = steps
    return [float(one) for one in found]
