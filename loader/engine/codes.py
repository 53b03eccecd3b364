"""Numbers for ids, so that rows on their way into the graph are small."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..reading.ids import are_whole, as_ids, odd_ones

LONGEST_ID = 4_000  # bytes of UTF-8; Neo4j's indexes take about 8,000

Integers = npt.NDArray[np.int64]


class Codes:
    """Numbers from 0 for ids: for known ones only, or for others, too, as they appear."""

    def __init__(self, known: pd.Series[Any] | None = None, others: bool = False) -> None:
        self._known = None if known is None else pd.Index(known)
        self._takes_others = known is None or others
        self._found: dict[Any, int] = {}
        self._left_out: pd.Series[bool] = pd.Series(dtype="bool")

    def of(self, column: pd.Series[Any]) -> Integers:
        """The number of each id; -1 for an unknown, missing, empty or too long one."""
        codes, distinct = pd.factorize(column)
        numbers = self._numbers(pd.Index(distinct)) if len(distinct) else np.zeros(0, np.int64)
        found: Integers = np.append(numbers, -1)[codes]  # a missing id has the code -1
        return found

    def ids(self) -> pd.Series[Any]:
        """The ids by number; integers where all of them are. Those left out have none."""
        found = self.found().mask(self._left_out, "0") if self._left_out.any() else self.found()
        if self._known is None:
            return as_ids(found)[0]
        known = pd.Series(self._known)
        return pd.concat([known, found.astype(known.dtype)]) if len(found) else known

    def found(self) -> pd.Series[Any]:
        """The ids beside the known ones, by number."""
        numbers = list(self._found.values())
        return pd.Series(list(self._found), numbers, dtype=None if numbers else "str")

    def leave_out_odd(self, whole: bool) -> pd.Series[Any]:
        """Take out ids that are not whole numbers, and return them by number.

        :param whole: all have to be; else only where most of them are.
        """
        found = self.found()
        if self._known is None and not whole:
            self._left_out = odd_ones(found)
        elif whole or (self._known is not None and self._known.dtype.kind == "i"):
            self._left_out = ~are_whole(found)
        return found[self._left_out] if self._left_out.any() else found.iloc[:0]

    def _numbers(self, distinct: pd.Index[Any]) -> Integers:
        if self._known is None:
            return self._taken(distinct)
        known = self._known
        if known.dtype != distinct.dtype:
            known, distinct = known.astype("str"), distinct.astype("str")
        numbers: Integers = known.get_indexer(distinct).astype(np.int64)
        if self._takes_others and (new := numbers < 0).any():
            numbers[new] = self._taken(distinct[new])
        return numbers

    def _taken(self, distinct: pd.Index[Any]) -> Integers:
        """Numbers of ids beside the known ones."""
        found, first = self._found, 0 if self._known is None else len(self._known)
        return np.array(
            [found.setdefault(one, first + len(found)) if _usable(one) else -1 for one in distinct],
            dtype=np.int64,
        )


def _usable(one: Any) -> bool:
    return not isinstance(one, str) or (one != "" and len(one.encode()) <= LONGEST_ID)
