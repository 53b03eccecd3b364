"""Columns that say when: numbers since 1970 or dates, as epoch seconds and what is behind them.

A unit is decided by most of the first values; a value that makes no sense in it is a bad row,
wherever it stands, because in another unit it would be another time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

EARLIEST, LATEST = -2_208_988_800, 4_133_980_800  # 1900 to 2100, in seconds
#: formats of digits alone, by their number
DIGITS: Mapping[int, str] = {
    14: "%Y%m%d%H%M%S",
    12: "%Y%m%d%H%M",
    10: "%Y%m%d%H",
    8: "%Y%m%d",
    6: "%y%m%d",
}
_UNITS = (("nanoseconds", 1e17), ("microseconds", 1e14), ("milliseconds", 1e11))
PER_SECOND = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
_DAYS = {"days": 0, "excel-days": -25_569 * 86_400}  # and the second of day 0
_NEW = 10**8  # seconds until March 1973: who logs times has none before


@dataclass(frozen=True)
class Times:
    """How a column says when: in ``unit`` since 1970, or as a date (unit None).

    ``format`` is strptime's; without it dates are ISO 8601. Dates without a zone are UTC.
    ``recent`` says that a time before March 1973 is as odd as one outside 1900 to 2100.
    """

    unit: str | None = "seconds"
    format: str | None = None
    recent: bool = False

    @classmethod
    def guess(cls, sample: pd.Series[Any], format: str | None = None) -> Times:
        """From values (texts, NA where missing): numbers by the size of the middle one."""
        values = sample.dropna()
        numbers = pd.to_numeric(values, errors="coerce").dropna()
        if format is not None or (len(values) and 2 * len(numbers) <= len(values)):
            return cls(None, format)
        middle = float(numbers.abs().median()) if len(numbers) else 0.0
        unit = unit_of(middle)
        return cls(unit, None, middle / PER_SECOND[unit] >= _NEW)

    def like(self, second: int) -> Times:
        """The same, for a column that has this time."""
        return replace(self, recent=second >= _NEW)

    @property
    def kind(self) -> str:
        """As what the column is read, in the words of :mod:`.textfile`."""
        if self.unit is None:
            return "text"
        return "integer" if self.unit == "nanoseconds" else "number"

    def seconds(self, column: pd.Series[Any]) -> pd.Series[Any]:
        """Epoch seconds as Int64, rounded down; NA where missing or not a time."""
        return self.read(column)[0]

    def read(self, column: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
        """Epoch seconds, and the nanoseconds behind them; Int64, NA where missing or not a time.

        :param column: numbers for a unit, else texts.
        """
        if self.unit is None:
            return self._dates(column)
        if self.unit in _DAYS:
            column = column * 86_400 + _DAYS[self.unit]
        per = PER_SECOND.get(self.unit, 1)
        whole = column // per
        behind = (column - whole * per) * (10**9 // per)
        return whole.astype("Int64"), behind.round().astype("Int64").clip(0, 10**9 - 1)

    def _dates(self, column: pd.Series[Any]) -> tuple[pd.Series[Any], pd.Series[Any]]:
        once = pd.Series(column.dropna().unique(), dtype="str")
        times = pd.to_datetime(once, format=self.format or "ISO8601", utc=True, errors="coerce")
        epoch = times.astype("datetime64[s, UTC]").astype("int64").astype("Int64")
        behind = (times.dt.microsecond * 1000 + times.dt.nanosecond).astype("Int64")
        found = [part.mask(times.isna()) for part in (epoch, behind)]
        first, second = (
            column.map(dict(zip(once, part, strict=True))).astype("Int64") for part in found
        )
        return first, second

    def odd(self, seconds: pd.Series[Any]) -> pd.Series[bool]:
        """Which times make no sense in this unit."""
        outside = (seconds < EARLIEST) | (seconds >= LATEST)
        if self.recent:
            outside |= seconds < _NEW
        return outside.fillna(False).astype("bool")

    def wanted(self) -> str:
        """What a value has to look like, for errors."""
        if self.unit is not None:
            return f"a number of {self.unit} since {1900 if self.unit == 'excel-days' else 1970}"
        return f"a date as in '{self.format}'" if self.format else "an ISO 8601 date"


def unit_of(number: float) -> str:
    """What a number since 1970 counts, by its size: seconds, milliseconds and so on."""
    return next((unit for unit, least in _UNITS if abs(number) >= least), "seconds")


def calendar_format(texts: pd.Series[Any]) -> str | None:
    """The format where most numbers are dates of the calendar, such as 20240131; else None."""
    texts = texts.dropna()
    if texts.empty or texts.str.len().nunique() != 1:
        return None
    format = DIGITS.get(len(texts.iloc[0]))
    if format is None or not texts.str.fullmatch(r"\d+").all():
        return None
    found = pd.to_datetime(texts, format=format, errors="coerce")
    fits = found.notna() & found.dt.year.between(1900, 2100)
    return format if 2 * fits.sum() > len(fits) else None


def small_number(times: Times, texts: pd.Series[Any]) -> str | None:
    """One of the values where they are too small to be seconds since 1970, else None."""
    numbers = pd.to_numeric(texts, errors="coerce").abs().fillna(-1).to_numpy()
    if times.unit != "seconds" or times.recent or not (numbers >= 0).any():
        return None
    return str(texts.iloc[int(numbers.argmax())])


def day_of(seconds: int) -> str:
    """``2024-01-31`` of any second, also of years that no calendar has."""
    return str(np.datetime64(seconds, "s").astype("datetime64[D]"))
