"""A model's figures for its task: over all users, and of each of them."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from ...artifacts import ModelMetrics, Task
from ..base import Model
from ..data import FloatArray
from ..dataset import Folds
from .ranking import measure
from .rating import evaluate_ratings
from .user_values import user_values


def measured(
    model: Model,
    folds: Folds,
    task: Task,
    seed: int = 42,
    described: Mapping[str, FloatArray] | None = None,
    relevant: float | None = None,
) -> tuple[ModelMetrics, pd.DataFrame]:
    """Metrics on test, those of slices included, and a row per user with them.

    :param described: as in :func:`.ranking.evaluate`; rankings only, as is ``relevant``.
    :returns: the table has ``user``, ``questions`` (``ratings`` when those are predicted) and a
        column per metric; of ratings ``mse`` and ``mae``.
    :raises InputError: when the split is not for the task, or has no rows or ratings for it.
    """
    if task == "ranking":
        return measure(model, folds, seed=seed, described=described, relevant=relevant, sliced=True)
    figures = evaluate_ratings(model, folds, seed=seed, sliced=True)
    values = user_values(model, folds, task)
    columns = {"user": values.users, "ratings": values.weights.astype("int64")}
    return figures, pd.DataFrame(columns | values.metrics)


def one_table(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Tables per user of several models as one, with the column ``model`` first."""
    parts = [table.assign(model=name) for name, table in tables.items()]
    together = pd.concat(parts, ignore_index=True)
    return together[["model", *(name for name in together if name != "model")]]
