"""The figures of each user, from which tests and intervals over users are made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...artifacts import Task
from ...errors import InputError
from ..base import Model
from ..dataset import Folds
from .metrics import Values
from .questions import Fold, ask_some, read_rows
from .ranking import metrics_of_lists, per_user
from .rating import rating_errors
from .significance import ROOTS


@dataclass(frozen=True)
class UserValues:
    """``users`` are ids; ``weights`` how many questions or rows a user has, ``(users,)``.

    A metric over all users is the mean of ``metrics[name]`` by these weights.
    """

    users: npt.NDArray[Any]
    weights: Values
    metrics: dict[str, Values]


def check_metrics(names: Sequence[str], task: Task) -> None:
    """:raises InputError: for a metric that :func:`user_values` does not give for the task."""
    known = metrics_of_lists() if task == "ranking" else [*ROOTS, *ROOTS.values(), "mae"]
    if unknown := [name for name in names if name not in known]:
        raise InputError(
            f"there is no metric '{unknown[0]}' for {task}", f"Metrics: {', '.join(known)}"
        )


def user_values(
    model: Model, folds: Folds, task: Task, fold: Fold = "test", relevant: float | None = None
) -> UserValues:
    """Metrics of every user with rows in the fold; for ratings ``mse`` and ``mae``.

    :param relevant: of rankings, only items rated so and more are right answers.
    :raises InputError: when the split is not for the task, or has no rows or ratings for it.
    """
    asked = ask_some(folds, fold, task, relevant)
    owners, questions = np.unique(asked.owners, return_counts=True)
    users = read_rows(folds, fold).users[owners]
    if task == "ranking":
        found = per_user(model, folds, fold=fold, relevant=relevant)
        return UserValues(users, questions.astype(np.float64), found)
    rows = np.repeat(asked.owners, [len(test) for test in asked.tests])
    counts = np.bincount(rows)[owners].astype(np.float64)
    truth, predicted = rating_errors(model, asked)
    sums = {"mse": (truth - predicted) ** 2, "mae": np.abs(truth - predicted)}
    found = {name: np.bincount(rows, one)[owners] / counts for name, one in sums.items()}
    return UserValues(users, counts, found)
