"""What was known before: which rows an event may see, and running figures over them.

An event sees **known** rows (of folds before its own, see :func:`passes`) that are earlier
than its **reference**: rows of its own user by ``seq``, rows of others by strictly smaller
timestamps, so that users do not see each other within a second. The reference of a train
event is the event itself; that of a held-out event is the cut, which :func:`with_cuts` puts
into columns of their own, so that it stays when rows are changed or removed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..splits.base import Protocol
from ..splits.folds import FOLDS
from .config import History

Floats = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


def timed(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows; without timestamps when one of them has none, since all are needed to compare.

    To be asked of all rows of a split: a part of them may happen to be complete.
    """
    known = "timestamp" in rows and rows["timestamp"].notna().all()
    return rows if known else rows.drop(columns="timestamp", errors="ignore")


def with_cuts(rows: pd.DataFrame, protocol: Protocol, history: History) -> pd.DataFrame:
    """The rows with ``cut_seq`` and ``cut_time``: the reference of each.

    ==================================  ====================================================
    event                               reference
    ==================================  ====================================================
    train; any with ``rolling``         itself
    held out, one cut for everybody     the cut in time; own rows before it
    held out, a cut per user            the user's first row of that fold
    held out, no cut                    itself: only rows of train are known
    ==================================  ====================================================
    """
    times = rows["timestamp"] if "timestamp" in rows else pd.Series(0, index=rows.index)
    rows = rows.assign(cut_seq=rows["seq"], cut_time=times)
    held = rows["fold"].isin(FOLDS[1:])
    if history == "rolling" or protocol.cut_scope is None or not held.any():
        return rows
    first = rows[held].sort_values("seq").groupby(["user", "fold"])[["cut_seq", "cut_time"]].first()
    if protocol.cut_scope == "everyone":
        first["cut_time"] = first.groupby("fold")["cut_time"].transform("min")
    found = first.reindex(pd.MultiIndex.from_frame(rows.loc[held, ["user", "fold"]]))
    for name in ("cut_seq", "cut_time"):
        values = rows[name].to_numpy(dtype=np.int64, copy=True)
        values[held.to_numpy()] = found[name].to_numpy(dtype=np.int64)
        rows[name] = values
    return rows


def passes(fold: pd.Series, history: History) -> Iterator[tuple[Mask, Mask]]:
    """Which events are computed together, and which rows they know.

    Train and valid events know train, test events know train and valid; with ``rolling``
    all events know all rows.
    """
    level = fold.map({name: place for place, name in enumerate(FOLDS)}).fillna(9).to_numpy()
    if history == "rolling":
        yield level >= 0, level <= 2
        return
    yield level <= 1, level == 0
    if (level > 1).any():
        yield level > 1, level <= 1


@dataclass(frozen=True)
class Before:
    """For each event the known rows of its key before the reference: ``first:end`` in the order."""

    first: IntArray
    end: IntArray

    @property
    def counts(self) -> Floats:
        return (self.end - self.first).astype(np.float64)

    def last(self, running: Floats) -> Floats:
        """A running figure at the last row before; NaN where there is none."""
        found = np.full(len(self.end), np.nan)
        some = self.end > self.first
        found[some] = running[self.end[some] - 1]
        return found


class Past:
    """Rows in the order of (key, place), with figures that start anew at each key.

    :param keys: whole number of each row's group (a user, a movie, a user and genre).
    :param places: its place in time within the group: ``seq``, or a timestamp.
    :param ties: order of rows of one place, such as user numbers; rows before a place are
        always those of smaller places, whatever the ties.
    """

    def __init__(self, keys: IntArray, places: IntArray, ties: IntArray | None = None) -> None:
        self._distinct = np.unique(places)
        self._span = len(self._distinct) + 1
        joined = keys * self._span + np.searchsorted(self._distinct, places)
        self.order = np.argsort(joined, kind="stable")
        if ties is not None:
            self.order = np.lexsort((ties, joined))
        self._joined = joined[self.order]
        self._keys = keys[self.order]

    def before(self, keys: IntArray, places: IntArray) -> Before:
        """The rows of the key at a smaller place."""
        base = keys * self._span
        end = base + np.searchsorted(self._distinct, places)
        return Before(np.searchsorted(self._joined, base), np.searchsorted(self._joined, end))

    def figures(self, values: Floats, alpha: float) -> Figures:
        """Running figures of the values, which are in the order of the rows given."""
        return Figures(pd.Series(values[self.order]), self._keys, alpha)


@dataclass(frozen=True)
class Figures:
    """Running figures in the order of a :class:`Past`; each key's depend on its own rows only."""

    values: pd.Series
    keys: IntArray
    alpha: float

    @cached_property
    def sums(self) -> Floats:
        return np.asarray(self.values.groupby(self.keys).cumsum(), np.float64)

    @cached_property
    def squares(self) -> Floats:
        return np.asarray((self.values**2).groupby(self.keys).cumsum(), np.float64)

    @cached_property
    def moving(self) -> Floats:
        """s₁ = r₁, sₜ = α rₜ + (1 - α) sₜ₋₁."""
        groups = self.values.groupby(self.keys)
        return np.asarray(groups.ewm(alpha=self.alpha, adjust=False).mean(), np.float64)

    def mean(self, before: Before) -> Floats:
        with np.errstate(invalid="ignore"):
            return np.asarray(before.last(self.sums) / before.counts)

    def deviation(self, before: Before) -> Floats:
        """Standard deviation with n - 1; NaN for fewer than two rows."""
        counts = np.where(before.counts > 1, before.counts, np.nan)
        sums, squares = before.last(self.sums), before.last(self.squares)
        return np.asarray(np.sqrt(np.maximum(squares - sums**2 / counts, 0) / (counts - 1)))

    def moving_average(self, before: Before) -> Floats:
        return before.last(self.moving)
