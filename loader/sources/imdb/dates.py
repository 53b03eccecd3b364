"""Review dates as people write them, to epoch seconds UTC.

Known without being told: ``16 January 2005``, ``Jan 16, 2005``, ``2005-01-16`` (also with a
time), ``16/01/2005`` and ``01/16/2005`` (also with dots), epoch seconds. Which of the two
orders of day and month it is, is decided by the whole column, so dates with slashes are held
as numbers until the last row. A column that mixes ways of writing, or whose order of day and
month nothing decides, is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ....errors import InputError

Numbers = npt.NDArray[np.int64]

_SHAPES = {
    "day month year": r"(\d{1,2})\.? ([A-Za-z]+)\.?,? (\d{4})",
    "month day, year": r"([A-Za-z]+)\.? (\d{1,2}),? (\d{4})",
    "year-month-day": r"(\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?)",
    "numbers with slashes": r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})",
    "epoch seconds": r"(\d{9,10})(?:\.0*)?",
}
_SLASHES = "numbers with slashes"
# the names that the standard library knows follow the locale; these do not
_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july"),
    *("august", "september", "october", "november", "december"),
)
_MONTH_NUMBERS = {
    name: number
    for number, month in enumerate(_MONTHS, start=1)
    for name in (month, month[:3], month[:4])
}
_HINT = "Say how dates are written, for example: --date-format %d/%m/%Y (day first)."


@dataclass
class DateColumn:
    """The dates of one column, which comes in parts.

    :param where: the file, for errors.
    :param format: as for ``strptime``, when the user says how dates are written.
    """

    where: str
    format: str | None = None
    _seen: dict[str, tuple[int, str]] = field(default_factory=dict)

    def numbers(
        self, texts: pd.Series[Any], lines: Numbers
    ) -> tuple[Numbers, npt.NDArray[np.bool]]:
        """A number for each text, for :meth:`seconds`, and whether the text is a date.

        :raises InputError: when the dates are written in more than one way.
        """
        codes, distinct = pd.factorize(texts)
        values = np.zeros(len(distinct), np.int64)
        known = np.zeros(len(distinct), bool)
        words = pd.Series(distinct, dtype="str").str.strip()
        if self.format is not None:
            _fill(values, known, np.arange(len(words)), _parsed(words, self.format))
            return values[codes], known[codes]
        for shape, pattern in _SHAPES.items():
            parts = words.str.extract(f"^{pattern}$")
            match = np.flatnonzero(parts[0].notna().to_numpy())
            if len(match):
                row = int(np.isin(codes, match).argmax())
                self._note(shape, int(lines[row]), str(distinct[codes[row]]))
                _fill(values, known, match, _READERS[shape](parts.iloc[match]))
        return values[codes], known[codes]

    def seconds(self, numbers: Numbers) -> Numbers:
        """Epoch seconds of all numbers of the column.

        :raises InputError: when it is not decided whether the day or the month comes first,
            or a day does not exist.
        """
        if _SLASHES not in self._seen:
            return numbers
        first, second, year = numbers // 1_000_000, numbers // 10_000 % 100, numbers % 10_000
        line, example = self._seen[_SLASHES]
        start = f"{self.where}, line {line}: in the dates such as '{example}'"
        if (first > 12).any() and (second > 12).any():
            raise InputError(f"{start} sometimes the day and sometimes the month is first", _HINT)
        if not (first > 12).any() and not (second > 12).any():
            raise InputError(
                f"{start} nothing decides whether the day or the month is first", _HINT
            )
        day, month = (first, second) if (first > 12).any() else (second, first)
        dates = _dates(pd.Series(year), pd.Series(month), pd.Series(day))
        if dates.isna().any():
            raise InputError(f"{self.where}: dates with slashes hold days that do not exist", _HINT)
        return _seconds(dates)

    def _note(self, shape: str, line: int, text: str) -> None:
        self._seen.setdefault(shape, (line, text))
        if len(self._seen) > 1:
            (line, text), (line2, text2) = sorted(self._seen.values())[:2]
            raise InputError(
                f"{self.where}: dates are written in two ways, '{text}' in line {line} and "
                f"'{text2}' in line {line2}",
                "Write all in one way, as in 2005-01-16; or say which one is right with "
                "--date-format and let the others be left out: --max-errors N.",
            )


def _fill(values: Numbers, known: Any, rows: Any, found: pd.Series[Any]) -> None:
    """Put datetimes or numbers at ``rows``; NA is not a date."""
    here = found.notna().to_numpy()
    known[rows[here]] = True
    there = found[here]
    is_number = pd.api.types.is_integer_dtype(there)
    values[rows[here]] = there.to_numpy(np.int64) if is_number else _seconds(there)


def _seconds(dates: pd.Series[Any]) -> Numbers:
    return dates.to_numpy("datetime64[s]").astype(np.int64)


def _parsed(texts: pd.Series[Any], form: str) -> pd.Series[Any]:
    parsed = pd.to_datetime(texts, format=form, utc=True, errors="coerce")
    return parsed.dt.tz_localize(None)


def _dates(year: pd.Series[Any], month: pd.Series[Any], day: pd.Series[Any]) -> pd.Series[Any]:
    """NaT where there is no such day."""
    number = year.astype("int64") * 10_000 + month.astype("int64") * 100 + day.astype("int64")
    return _parsed(number.astype("str").str.zfill(8), "%Y%m%d")


def _day_first(parts: pd.DataFrame) -> pd.Series[Any]:
    month = parts[1].str.lower().map(_MONTH_NUMBERS)
    return _dates(parts[2], month.fillna(0), parts[0])


def _month_first(parts: pd.DataFrame) -> pd.Series[Any]:
    return _day_first(parts[[1, 0, 2]].set_axis([0, 1, 2], axis=1))


def _packed(parts: pd.DataFrame) -> pd.Series[Any]:
    """First, second and year in one number, until the whole column is known."""
    numbers = parts.astype("int64")
    return numbers[0] * 1_000_000 + numbers[1] * 10_000 + numbers[2]


def _iso(parts: pd.DataFrame) -> pd.Series[Any]:
    return _parsed(parts[0], "ISO8601")


def _epoch(parts: pd.DataFrame) -> pd.Series[Any]:
    return parts[0].astype("int64")


_READERS: dict[str, Callable[[pd.DataFrame], pd.Series[Any]]] = {
    "day month year": _day_first,
    "month day, year": _month_first,
    "year-month-day": _iso,
    _SLASHES: _packed,
    "epoch seconds": _epoch,
}
