"""Names of folds, and the arithmetic of cuts; for protocols, those of plugins included."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import InputError

FOLDS = ("train", "valid", "test")
UNUSED = "unused"

Ints = npt.NDArray[np.int64]
FoldNames = npt.NDArray[np.str_]


def positions(rows: pd.DataFrame) -> tuple[Ints, Ints]:
    """Each row's place in its user's history from 0, and that history's length.

    :param rows: sorted by user and ``seq``.
    """
    groups = rows.groupby("user", sort=False)["item"]
    position = np.asarray(groups.cumcount(), np.int64)
    return position, groups.transform("size").to_numpy(dtype=np.int64)


def fold_names(position: Ints, train_end: Ints, valid_end: Ints) -> FoldNames:
    """Train before ``train_end``, valid from there to ``valid_end``, then test."""
    names = np.select([position < train_end, position < valid_end], FOLDS[:2], FOLDS[2])
    return names.astype(f"<U{len(UNUSED)}")  # so that rows can be marked as unused


def valid_rows(kept: Ints, valid: float) -> Ints:
    """How many of the ``kept`` rows become valid: at least one where there are two or more."""
    return np.where(kept > 1, np.maximum(whole_share(kept, valid), 1), 0) if valid else 0 * kept


def whole_share(counts: Ints, share: float | Fraction) -> Ints:
    """``floor(share · n)``, exact: .7 of 10 is 7 although .7 is slightly less in binary."""
    exact = Fraction(str(share))
    return counts * exact.numerator // exact.denominator


def folds_in_time(rows: pd.DataFrame, train: float, valid: float) -> FoldNames:
    """One cut in time for everybody, in whole seconds, so that equal times are on one side.

    :param train: at most this share of the rows is older than test.
    :param valid: the last share of these by time is valid.
    :raises InputError: when nothing is left to train on.
    """
    times = rows["timestamp"].to_numpy(dtype=np.int64)
    test = _first_held(times, train)
    old = times < test
    is_train = old & (times < _first_held(times[old], 1 - Fraction(str(valid))))
    if not is_train.any():
        raise InputError(
            "no row is older than the cuts in time, so there is nothing to train on",
            "Use other shares, or a protocol by seq such as user-time.",
        )
    return np.select([is_train, old], FOLDS[:2], FOLDS[2])


def _first_held(times: Ints, share: float | Fraction) -> int:
    """The second from which rows are held out: at most ``share`` of the rows are older."""
    place = int(whole_share(np.array(len(times)), share))
    return int(np.sort(times)[place]) if place < len(times) else np.iinfo(np.int64).max
