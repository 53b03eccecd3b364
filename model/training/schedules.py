"""Learning rates and early stopping, as functions of what a fit has seen.

They keep no state of their own, so a fit that goes on from a checkpoint takes the same steps as
one that was not interrupted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal, get_args

ScheduleName = Literal["half-cosine", "plateau", "constant"]
SCHEDULES: tuple[str, ...] = get_args(ScheduleName)
SCHEDULE = (
    "learning rate: half-cosine falls to 5 %; plateau is cut to a fifth after 5 "
    "epochs without a better figure on valid; constant"
)

Schedule = Callable[[int, Sequence[float]], float]
"""The learning rate of an epoch, from 1, after these figures on valid."""

PLATEAU_FACTOR, PLATEAU_PATIENCE, PLATEAU_FLOOR = 0.2, 5, 1e-5  # [KG-LSTM], section 4.3.2


def make_schedule(name: ScheduleName, rate: float, epochs: int) -> Schedule:
    """A schedule by name.

    :param rate: the first learning rate.
    :param epochs: epochs at most.
    """
    if name == "half-cosine":
        return lambda epoch, _figures: rate * half_cosine(epoch, epochs)
    if name == "plateau":
        return lambda _epoch, figures: plateau(rate, figures)
    return lambda _epoch, _figures: rate


def half_cosine(epoch: int, epochs: int) -> float:
    """Share of the learning rate in an epoch from 1: falls from 1 to .05 over ``epochs``.

    It depends on the epochs at most, not on those that a fit runs: a final fit for the epochs
    chosen on valid takes the same steps as the fit that chose them.
    """
    done = min(epoch - 1, epochs) / epochs
    return 0.05 + 0.95 * (1 + math.cos(math.pi * done)) / 2


def plateau(rate: float, figures: Sequence[float]) -> float:
    """The learning rate after these figures, higher is better.

    It is multiplied by .2 after every five figures in a row that are not better than the best
    before them, and does not fall below 1e-5. A rate that begins below stays as it is.
    """
    best, waited, cuts = -math.inf, 0, 0
    for figure in figures:
        waited = 0 if figure > best else waited + 1
        best = max(best, figure)
        if waited == PLATEAU_PATIENCE:
            waited, cuts = 0, cuts + 1
    return max(rate * PLATEAU_FACTOR**cuts, min(rate, PLATEAU_FLOOR))


def scores(history: Sequence[Mapping[str, Any]]) -> list[float]:
    """The figures on valid so far, each the mean of its epoch and the two before it.

    One epoch's figure goes up and down by more than what is to be chosen. The first two epochs
    have less behind them and are means of what there is.
    """
    figures = [row["valid"] for row in history if "valid" in row]
    return [sum(figures[max(0, i - 2) : i + 1]) / min(i + 1, 3) for i in range(len(figures))]


def best_epoch(figures: Sequence[float]) -> int:
    """The epoch, from 1, with the best figure, the earliest of equals; 0 without figures."""
    return max(range(len(figures)), key=lambda i: figures[i]) + 1 if figures else 0


def should_stop(figures: Sequence[float], patience: int) -> bool:
    """True after ``patience`` epochs without a figure better than the best before them."""
    return bool(figures) and len(figures) - best_epoch(figures) >= patience
