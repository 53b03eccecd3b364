"""What the order of a user's rows rests on, and whether a cut by it is a cut in time.

``seq`` orders by (timestamp, the source's row order, item id); in a graph that was adopted by
(timestamp, item id). Without times it says nothing about time, unless the user says that the
rows came in the order of time.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...artifacts import RowOrder
from ...errors import InputError

ROWS = "rows"
_NEARLY_ALL = 0.95  # of the cuts; in MovieLens 100K half of them lie between equal times

_NO_ORDER = (
    "If the source's rows are in the order of time, say so: --order rows. Else cut at random, "
    "whose figures are optimistic: --protocol random."
)
_NO_TIMES_ADOPTED = (
    "Adopt the graph with the property that holds the times, or cut at random, whose figures "
    "are optimistic: --protocol random."
)


def check_order(
    rows: pd.DataFrame, fold: pd.Series, protocol: str, order: str, adopted: bool
) -> None:
    """Refuse a cut of each user's rows that is none in time.

    :param rows: sorted by user and ``seq``; ``fold`` is theirs.
    :param order: ``rows`` when the user says that the source's rows are in the order of time.
    :param adopted: whether equal times are ordered by item id, not by the source's rows.
    :raises InputError: without times, with too few different ones, or with an ``order`` that
        the rows do not have.
    """
    missing = _missing(rows)
    if 0 < missing < len(rows):
        raise InputError(
            f"protocol {protocol} cuts by time, and {missing:,} of {len(rows):,} interactions "
            "have no timestamp",
            "Load the data without these rows, or without the column of times; or cut at "
            "random: --protocol random.",
        )
    tied = 1.0 if missing else tied_cuts(rows, fold)
    if order == ROWS and adopted:
        raise InputError(
            "--order rows: this graph was adopted, and without times its order is that of the "
            "item ids",
            _NO_TIMES_ADOPTED,
        )
    if order == ROWS and tied < _NEARLY_ALL:
        raise InputError(
            "--order rows: the data set has times, and they are the order of its rows",
            "Leave out --order.",
        )
    if order != ROWS and tied >= _NEARLY_ALL:
        what = "the data set has no timestamps"
        if not missing:
            what = f"{tied:.0%} of its cuts lie between rows of one and the same time"
        raise InputError(
            f"protocol {protocol} cuts by time, and {what}",
            _NO_TIMES_ADOPTED if adopted else _NO_ORDER,
        )


def row_order(rows: pd.DataFrame, order: str, adopted: bool) -> RowOrder:
    """What decides which of a user's rows comes first."""
    if order == ROWS:
        return RowOrder.ROWS
    missing = _missing(rows)
    if missing == len(rows):
        return RowOrder.ITEMS_WITHOUT_TIMES if adopted else RowOrder.ROWS_WITHOUT_TIMES
    if missing:
        return RowOrder.SOME_TIMES_ITEMS if adopted else RowOrder.SOME_TIMES_ROWS
    return RowOrder.TIMES_ITEMS if adopted else RowOrder.TIMES_ROWS


def tied_cuts(rows: pd.DataFrame, fold: pd.Series) -> float:
    """Share of the cuts before test whose two rows have the same time; 0 without cuts.

    :param rows: sorted by user and ``seq``, all with a timestamp.
    """
    user, times = pd.factorize(rows["user"])[0], rows["timestamp"].to_numpy(np.int64)
    is_test = (fold == "test").to_numpy()
    cut = (np.diff(user) == 0) & ~is_test[:-1] & is_test[1:]
    return float((np.diff(times)[cut] == 0).mean()) if cut.any() else 0.0


def _missing(rows: pd.DataFrame) -> int:
    return int(rows["timestamp"].isna().sum()) if "timestamp" in rows else len(rows)
