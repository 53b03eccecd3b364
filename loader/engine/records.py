"""Records of interactions in the spool: their columns, their order, and which are repeated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from .codes import Integers

Records = npt.NDArray[Any]

NO_TIME = np.iinfo(np.int64).min
LATEST = np.iinfo(np.int64).max

RECORD = np.dtype(
    [
        *(("user", "i4"), ("item", "i4"), ("rating", "f8")),
        *(("timestamp", "i8"), ("nanoseconds", "i4"), ("line", "i8")),
    ]
)


@dataclass
class Histories:
    """Rows of whole users, sorted by (user, timestamp, row order); all arrays are of one length.

    ``user`` and ``item`` are numbers, see :class:`.spool.Spool`; a missing rating is NaN, a missing
    timestamp ``NO_TIME``; ``seq`` counts a user's rows from 1.
    """

    user: Integers
    item: Integers
    rating: npt.NDArray[np.float64]
    timestamp: Integers
    seq: Integers

    def __len__(self) -> int:
        return len(self.user)

    def of_users(self, wanted: npt.NDArray[np.bool_]) -> Histories:
        """The rows of the users for whom ``wanted`` is true, by number."""
        rows = wanted[self.user]
        return self if rows.all() else self.rows(rows)

    @classmethod
    def together(cls, parts: Sequence[Histories]) -> Histories:
        names = ("user", "item", "rating", "timestamp", "seq")
        return cls(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def rows(self, rows: Any) -> Histories:
        return Histories(
            self.user[rows],
            self.item[rows],
            self.rating[rows],
            self.timestamp[rows],
            self.seq[rows],
        )


def starts_of(users: npt.NDArray[Any]) -> Integers:
    """Where the rows of each user begin."""
    changes = np.flatnonzero(np.diff(users)) + 1
    return np.concatenate([[0], changes]) if len(users) else np.zeros(0, np.int64)


def repeated(records: Records, counts: str) -> tuple[Integers, Integers]:
    """Rows to leave out, and for each the first row of its user and item.

    :param counts: ``last`` and ``first`` are by time, and by the order of rows only among equal
        ones; a row without time never counts beside one that has one. ``reject`` is by rows.
    """
    pair = (records["user"].astype(np.int64) << 32) | records["item"]
    last = counts == "last"
    order = np.argsort(pair, kind="stable")
    if counts != "reject":
        none = NO_TIME if last else LATEST
        time = np.where(records["timestamp"] == NO_TIME, none, records["timestamp"])
        order = np.lexsort((records["nanoseconds"], time, pair))
    same = np.append(False, pair[order][1:] == pair[order][:-1])
    if not same.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    run = np.maximum.accumulate(np.where(same, 0, np.arange(len(order))))
    gone = np.append(same[1:], False) if last else same
    return order[gone], order[run[gone]]


def floats(chunk: pd.DataFrame, name: str) -> npt.NDArray[np.float64]:
    if name not in chunk:
        return np.full(len(chunk), np.nan)
    return chunk[name].to_numpy(dtype="float64", na_value=np.nan)


def nanoseconds_behind(chunk: pd.DataFrame) -> Integers:
    """Nanoseconds behind the whole seconds: they order events of one second."""
    if "nanoseconds" not in chunk:
        return np.zeros(len(chunk), dtype=np.int64)
    return chunk["nanoseconds"].to_numpy(dtype="int64", na_value=0)


def times(chunk: pd.DataFrame) -> Integers:
    if "timestamp" not in chunk:
        return np.full(len(chunk), NO_TIME)
    column = chunk["timestamp"]
    if column.dtype == np.int64:
        return column.to_numpy()
    missing = column.isna().to_numpy(dtype=bool)
    seconds = column.fillna(0)
    whole = seconds if pd.api.types.is_integer_dtype(column) else seconds.astype("float64")
    return np.where(missing, NO_TIME, whole.to_numpy().astype(np.int64))
