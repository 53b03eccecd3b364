"""Texts of a file as values: times as epoch seconds, properties by what a whole column holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

_INTEGER = r"-?(?:0|[1-9]\d{0,17})"
_FLOAT = r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?"
_WHOLE_FLOAT = r"-?\d{1,15}\.0"
_NOT_A_NUMBER = r"-?(?:0\d.*|\d{16,})"
_UNITS = (("nanoseconds", 1e17), ("microseconds", 1e14), ("milliseconds", 1e11))
_PER_SECOND = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}


def present(column: pd.Series[Any], missing: Sequence[str]) -> pd.Series[Any]:
    """The column with NA for empty texts and those that mean 'no value'."""
    return column.where(~column.isin(["", *missing]))


def typed(column: pd.Series[Any]) -> pd.Series[Any]:
    """Texts (or NA) as Int64, Float64, boolean or unchanged, whichever fits **all** of them.

    A column with gaps whose numbers all end in ``.0`` holds whole numbers, as pandas writes
    them. Digits with a leading zero, or more of them than a number keeps, are texts: codes.
    """
    values = column.dropna()
    if values.empty:
        return column
    if values.str.fullmatch(_INTEGER).all():
        return column.astype("Int64")
    if values.str.fullmatch(_FLOAT).all() and not values.str.fullmatch(_NOT_A_NUMBER).any():
        whole = column.isna().any() and values.str.fullmatch(_WHOLE_FLOAT).all()
        return pd.to_numeric(column).astype("Int64" if whole else "Float64")
    if values.str.lower().isin(["true", "false"]).all():
        return column.str.lower().map({"true": True, "false": False}).astype("boolean")
    return column


@dataclass(frozen=True)
class Times:
    """How a column says when: in ``unit`` since 1970, or as a date (unit None).

    ``format`` is strptime's; without it dates are ISO 8601. Dates without a zone are UTC.
    """

    unit: str | None = "seconds"
    format: str | None = None

    @classmethod
    def guess(cls, sample: pd.Series[Any], format: str | None = None) -> Times:
        """From the first values (texts, NA where missing): numbers by their size."""
        values = sample.dropna()
        numbers = pd.to_numeric(values, errors="coerce")
        if format is not None or values.empty or numbers.isna().any():
            return cls(None if format or len(values) else "seconds", format)
        largest = float(numbers.abs().max())
        return cls(next((unit for unit, least in _UNITS if largest >= least), "seconds"))

    def seconds(self, column: pd.Series[Any]) -> pd.Series[Any]:
        """Epoch seconds as Int64, rounded down; NA where missing or not a time.

        :param column: float64 for a unit, else texts.
        """
        if self.unit is not None:
            return (column // _PER_SECOND[self.unit]).astype("Int64")
        style = self.format or "ISO8601"
        once = pd.Series(column.dropna().unique(), dtype="str")
        times = pd.to_datetime(once, format=style, utc=True, errors="coerce")
        epoch = times.astype("datetime64[s, UTC]")
        whole = epoch.astype("int64").astype("Int64").mask(epoch.isna())
        return column.map(dict(zip(once, whole, strict=True))).astype("Int64")

    def wanted(self) -> str:
        """What a value has to look like, for errors."""
        if self.unit is not None:
            return f"a number of {self.unit} since 1970"
        return f"a date as in '{self.format}'" if self.format else "an ISO 8601 date"
