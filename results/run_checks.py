"""What a run's tables must be to be written: of the user's history or not, and finite.

Long tables are checked some rows at a time, so that the checks need little memory beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..artifacts import RunFolder
from ..errors import ArtifactError
from .run_content import AGAIN

_ROWS = 20_000
_NEVER_MISSING = {"score", "weight", "vector"}


class Histories:
    """Which items are in whose history; a pair is one number.

    :param rows: a row per event, ``user, item``.
    """

    def __init__(self, rows: pd.DataFrame) -> None:
        self._users, self._items = (pd.Index(rows[name].unique()) for name in ("user", "item"))
        self._pairs = np.unique(self._numbers(rows["user"], rows["item"]))

    def have(self, users: Any, items: Any) -> npt.NDArray[np.bool_]:
        """For each user and item of two columns of one length."""
        found: npt.NDArray[np.bool_] = np.isin(self._numbers(users, items), self._pairs)
        return found

    def _numbers(self, users: Any, items: Any) -> npt.NDArray[np.int64]:
        """-1 where the user or the item is in no history."""
        user, item = self._users.get_indexer(users), self._items.get_indexer(items)
        return np.where((user < 0) | (item < 0), -1, user * len(self._items) + item)


def check_history(
    run: RunFolder, history: Histories, recommended: pd.DataFrame, attended: pd.DataFrame
) -> None:
    """:raises ArtifactError: for a seen item, or evidence or attention that is not history."""
    known = history.have(recommended["user"], recommended["item"])
    if known.any():
        raise _wrong(run.predictions, recommended[known], "is in the user's history")
    unknown = ~history.have(attended["user"], attended["item"])
    if unknown.any():
        raise _wrong(run.attention, attended[unknown], "is not in the user's history")
    if "evidenceIds" in recommended:
        for part in _parts(recommended[["user", "evidenceIds"]]):
            evidence = part.explode("evidenceIds").dropna()
            unknown = ~history.have(evidence["user"], evidence["evidenceIds"])
            if unknown.any():
                wrong = evidence[unknown].rename(columns={"evidenceIds": "item"})
                raise _wrong(run.predictions, wrong, "is evidence, but not in the user's history")


def check_finite(path: Path, frame: pd.DataFrame, *names: str) -> None:
    """A run with NaN or infinite numbers is never written, whoever made its files.

    :param names: columns of numbers or of arrays of them; those that are not there are skipped.
    :raises ArtifactError: for the first one that is not finite.
    """
    for name in names:
        if name in frame:
            given = frame if name in _NEVER_MISSING else frame[frame[name].notna()]
            finite = [_finite(part[name]) for part in _parts(given)]
            bad = given[~np.concatenate(finite)] if finite else given
            if len(bad):
                raise _not_finite(path, bad, name)


def _parts(frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    return (frame.iloc[first : first + _ROWS] for first in range(0, len(frame), _ROWS))


def _finite(column: pd.Series[Any]) -> npt.NDArray[np.bool_]:
    """Whether the number, or all numbers of the array, are finite in each row."""
    if column.dtype.kind != "O":
        found: npt.NDArray[np.bool_] = np.isfinite(column.to_numpy(np.float64, na_value=np.nan))
        return found
    arrays = [np.atleast_1d(np.asarray(one, np.float64)) for one in column]
    rows = np.repeat(np.arange(len(arrays)), [len(one) for one in arrays])
    finite = np.ones(len(arrays), dtype=bool)
    finite[rows[~np.isfinite(np.concatenate(arrays))]] = False
    return finite


def _not_finite(path: Path, bad: pd.DataFrame, name: str) -> ArtifactError:
    first = bad.iloc[0]
    who = ", ".join(f"{key} {first[key]}" for key in ("user", "item") if key in first)
    return ArtifactError(
        f"{path}: {name} of {who} is not a finite number; {len(bad):,} such rows",
        "The model's numbers are unusable. Train it again: reelgraph train RUN --again",
    )


def _wrong(path: Path, rows: pd.DataFrame, what: str) -> ArtifactError:
    first = rows.iloc[0]
    return ArtifactError(
        f"{path}: user {first['user']}, item {first['item']} {what} (train and valid of the "
        f"split); {len(rows)} such rows",
        "The run and the split do not belong together. " + AGAIN,
    )
