"""Evaluation by full ranking, with intervals over users and a paired test.

Every item of the catalogue that the user has not interacted with in train (and valid,
when testing) is a candidate; sampled candidates are not offered. Users without test
events are left out. Equal scores are ordered by item id.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from .base import Model, Ranking
from .dataset import Folds
from .metrics import Values, accuracy, coverage, find_hits, gini, novelty

Fold = Literal["valid", "test"]

_RESAMPLES = 1000


def evaluate(
    model: Model, folds: Folds, n: int = 10, seed: int = 42, fold: Fold = "test"
) -> dict[str, Any]:
    """Metrics of a fitted model on one fold.

    The history of a user, which is also what is excluded, is train and valid for ``test``
    and train for ``valid``.

    :returns: ``{"fold", "users", "n", "metrics": {name: {"mean", "low", "high"}},
        "beyond": {name: value}}``; the metrics at cut-offs 1, 5 and ``n``, low and high the
        95 % bootstrap interval over users.
    """
    ranking, users = _rankings(model, folds, n, fold)
    values = _per_user(folds, ranking, users, n, fold)
    read = folds.train if fold == "valid" else folds.history
    popularity = np.bincount(read.items, minlength=len(read.catalogue))
    return {
        "fold": fold,
        "users": len(users),
        "n": n,
        "metrics": bootstrap(values, seed),
        "beyond": {
            f"coverage@{n}": coverage(ranking.items, len(read.catalogue)),
            f"gini@{n}": gini(ranking.items, len(read.catalogue)),
            f"novelty@{n}": novelty(ranking.items, popularity, len(read.users)),
        },
    }


def per_user(model: Model, folds: Folds, n: int = 10, fold: Fold = "test") -> dict[str, Values]:
    """Each metric for each user with events in the fold, users in the folds' order."""
    ranking, users = _rankings(model, folds, n, fold)
    return _per_user(folds, ranking, users, n, fold)


def bootstrap(values: dict[str, Values], seed: int = 42) -> dict[str, dict[str, float]]:
    """Mean and 95 % percentile interval over users, the same resamples for all metrics."""
    names = list(values)
    table = np.stack([values[name] for name in names], axis=1)
    users = len(table)
    if not users:
        return {name: {"mean": 0.0, "low": 0.0, "high": 0.0} for name in names}
    generator = np.random.default_rng(seed)
    # a resample of users is how often each of them is drawn
    drawn = generator.multinomial(users, np.full(users, 1 / users), size=_RESAMPLES)
    low, high = np.percentile(drawn @ table / users, [2.5, 97.5], axis=0)
    mean = table.mean(axis=0)
    return {
        name: {"mean": float(mean[i]), "low": float(low[i]), "high": float(high[i])}
        for i, name in enumerate(names)
    }


def compare(first: Values, second: Values, seed: int = 42) -> dict[str, float]:
    """Paired test of two models on the same users: is ``second`` better than ``first``?

    :returns: ``difference`` of the means (second minus first), its 95 % bootstrap interval
        ``low, high``, and ``p``: two-sided, by 10,000 random flips of the differences' signs.
    :raises ValueError: when the two are not of the same users.
    """
    if first.shape != second.shape:
        raise ValueError(f"{len(first)} and {len(second)} users")
    differences = second - first
    interval = bootstrap({"difference": differences}, seed)["difference"]
    changed = differences[differences != 0]
    flips = np.random.default_rng(seed).integers(0, 2, (10_000, len(changed)), dtype=np.int8)
    sums = (2 * flips - 1) @ changed
    reached = np.count_nonzero(np.abs(sums) >= abs(changed.sum()) - 1e-12)
    return {
        "difference": interval["mean"],
        "low": interval["low"],
        "high": interval["high"],
        "p": (reached + 1) / (len(sums) + 1),
    }


def _rankings(model: Model, folds: Folds, n: int, fold: Fold) -> tuple[Ranking, Sequence[int]]:
    asked = folds.train if fold == "valid" else folds.history
    target = folds.valid if fold == "valid" else folds.test
    users = np.flatnonzero(np.diff(target.offsets)).tolist()
    return model.recommend([asked.query(user) for user in users], n), users


def _per_user(
    folds: Folds, ranking: Ranking, users: Sequence[int], n: int, fold: Fold
) -> dict[str, Values]:
    target = folds.valid if fold == "valid" else folds.test
    tests = [target.history(user) for user in users]
    cutoffs = sorted({1, 5, n})
    if not users:
        return accuracy(np.zeros((0, n), bool), np.zeros(0, np.int64), cutoffs)
    relevant = np.array([len(test) for test in tests])
    return accuracy(find_hits(ranking.items, tests), relevant, cutoffs)
