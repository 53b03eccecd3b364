"""The figures of each user, from which tests and intervals over users are made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from ...artifacts import Task
from ...errors import InputError
from ..base import Model
from ..dataset import Folds
from .metrics import Values
from .questions import Fold, Questions, ask, read_rows
from .ranking import per_user

_GROUP = 4096  # questions at a time


@dataclass(frozen=True)
class UserValues:
    """``users`` are ids; ``weights`` how many questions or rows a user has, ``(users,)``.

    A metric over all users is the mean of ``metrics[name]`` by these weights.
    """

    users: npt.NDArray[Any]
    weights: Values
    metrics: dict[str, Values]


def user_values(model: Model, folds: Folds, task: Task, fold: Fold = "test") -> UserValues:
    """Metrics of every user with rows in the fold; for ratings ``mse`` and ``mae``.

    :raises InputError: when the split is not for the task, or has no rows or ratings for it.
    """
    asked = ask(folds, fold, task)
    owners, questions = np.unique(asked.owners, return_counts=True)
    if not len(owners):
        raise InputError(
            f"the split has no {fold} rows", "Take a protocol that holds some out: user-time."
        )
    users = read_rows(folds, fold).users[owners]
    if task == "ranking":
        return UserValues(users, questions.astype(np.float64), per_user(model, folds, fold=fold))
    rows = np.repeat(asked.owners, [len(test) for test in asked.tests])
    counts = np.bincount(rows)[owners].astype(np.float64)
    errors = _errors(model, asked)
    sums = {"mse": errors**2, "mae": np.abs(errors)}
    found = {name: np.bincount(rows, one)[owners] / counts for name, one in sums.items()}
    return UserValues(users, counts, found)


def _errors(model: Model, asked: Questions) -> Values:
    """Given less predicted rating of every row, in the order of the questions."""
    if asked.ratings is None:
        raise InputError(
            "the data set has interactions without ratings, so none can be predicted",
            "Rank instead: --task ranking, or load data with ratings.",
        )
    predicted = [
        one
        for start in range(0, len(asked.queries), _GROUP)
        for one in model.predict_rating(
            asked.queries[start : start + _GROUP], asked.tests[start : start + _GROUP]
        )
    ]
    truth = np.concatenate(asked.ratings).astype(np.float64)
    return truth - np.concatenate(predicted).astype(np.float64)
