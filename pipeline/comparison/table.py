"""From the figures of users to a table: means over seeds, intervals, differences to the best."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...artifacts import Task
from ...errors import InputError
from ...model.evaluation.metrics import Values
from ...model.evaluation.questions import Fold
from ...model.evaluation.significance import (
    LEVEL,
    ROOTS,
    Correction,
    Difference,
    against_best,
    figure,
    point,
)
from ...model.evaluation.user_values import check_metrics
from .cell import CellResult

SHOWN: dict[Task, tuple[str, ...]] = {
    "ranking": ("ndcg@10", "sum_rr@10", "precision@10"),
    "rating": ("rmse", "mae"),
}
ORDER_SHUFFLED = "order shuffled"


@dataclass(frozen=True)
class Figure:
    """A metric of a row: mean and standard deviation over seeds, interval over users.

    ``sd`` is None for one seed, ``to_best`` for the best row; ``tied`` rows are not told from
    the best by the corrected test.
    """

    mean: float
    sd: float | None
    low: float
    high: float
    to_best: Difference | None

    @property
    def best(self) -> bool:
        return self.to_best is None

    @property
    def tied(self) -> bool:
        return self.to_best is not None and self.to_best.corrected >= LEVEL


@dataclass(frozen=True)
class Row:
    """A model's figures by metric, or ``why`` there are none; seconds and bytes of a seed."""

    name: str
    seeds: tuple[int, ...] = ()
    figures: Mapping[str, Figure] | None = None
    fit_seconds: float | None = None
    score_seconds: float | None = None
    fit_bytes: int | None = None
    score_bytes: int | None = None
    why: str = ""


@dataclass(frozen=True)
class Comparison:
    """The finished table, with what a reader has to know of it."""

    title: str
    task: Task
    metrics: tuple[str, ...]
    correction: Correction
    users: int
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()
    fold: Fold = "test"


@dataclass(frozen=True)
class Measured:
    """What a row is made of: results by seed, or why there are none."""

    name: str
    cells: Mapping[int, CellResult]
    why: str = ""


def make_table(
    title: str,
    task: Task,
    measured: Sequence[Measured],
    metrics: Sequence[str] = (),
    correction: Correction = "holm",
    notes: Sequence[str] = (),
    fold: Fold = "test",
) -> Comparison:
    """The table; rows without figures come last.

    :raises InputError: for an unknown metric, or rows that are not about the same users.
    """
    there = [one for one in measured if one.cells]
    shown = tuple(metrics) or SHOWN[task]
    check_metrics(shown, task)
    users = 0
    figures: dict[str, dict[str, Figure]] = {one.name: {} for one in there}
    if there:
        weights = _same_users(there)
        users = len(weights)
        for metric in shown:
            for name, one in _figures(there, metric, weights, correction).items():
                figures[name][metric] = one
    rows = [_row(one, figures[one.name]) for one in there]
    rows += [Row(one.name, why=one.why) for one in measured if not one.cells]
    return Comparison(title, task, shown, correction, users, tuple(rows), tuple(notes), fold)


def what_is_relevant(least: float | None, fold: Fold = "test") -> tuple[str, ...]:
    """A note where not every item is a right answer."""
    return () if least is None else (f"Relevant are {fold} items rated {least:g} and more.",)


def with_shuffled_order(measured: Sequence[Measured]) -> list[Measured]:
    """A further row for each model that reads the order of the history."""
    found = []
    for one in measured:
        found.append(one)
        cells = {
            seed: CellResult(type(cell.values)(cell.values.users, cell.values.weights, other), None)
            for seed, cell in one.cells.items()
            if (other := cell.shuffled) is not None
        }
        if cells:
            found.append(Measured(f"{one.name}, {ORDER_SHUFFLED}", cells))
    return found


def _same_users(measured: Sequence[Measured]) -> Values:
    """The weights of the users that all rows share."""
    first, *others = [cell.values for one in measured for cell in one.cells.values()]
    for other in others:
        if not np.array_equal(first.users, other.users) or not np.array_equal(
            first.weights, other.weights
        ):
            raise InputError(
                "the figures are not about the same users and rows",
                "Compare on one split: reelgraph runs list shows which run was made on which.",
            )
    return first.weights


def _figures(
    measured: Sequence[Measured], metric: str, weights: Values, correction: Correction
) -> dict[str, Figure]:
    by_seed = {one.name: [_values(cell, metric) for cell in one.cells.values()] for one in measured}
    means = {name: np.mean(values, axis=0) for name, values in by_seed.items()}
    _, differences = against_best(metric, means, weights, correction)
    found = {}
    for name, values in by_seed.items():
        points = [point(metric, one, weights) for one in values]
        interval = figure(metric, means[name], weights)
        spread = float(np.std(points, ddof=1)) if len(points) > 1 else None
        found[name] = Figure(
            float(np.mean(points)), spread, interval.low, interval.high, differences.get(name)
        )
    return found


def _values(cell: CellResult, metric: str) -> Values:
    return cell.values.metrics[ROOTS.get(metric, metric)]


def _row(measured: Measured, figures: Mapping[str, Figure]) -> Row:
    facts = [cell.facts for cell in measured.cells.values()]
    return Row(
        measured.name,
        tuple(measured.cells),
        figures,
        _mean(facts, "fit_seconds"),
        _mean(facts, "score_seconds"),
        _most(facts, "fit_bytes"),
        _most(facts, "score_bytes"),
    )


def _mean(facts: Sequence[Mapping[str, Any]], name: str) -> float | None:
    known = [float(one[name]) for one in facts if one.get(name) is not None]
    return sum(known) / len(known) if known else None


def _most(facts: Sequence[Mapping[str, Any]], name: str) -> int | None:
    return max((int(one[name]) for one in facts if one.get(name) is not None), default=None)
