"""The column that says when, as epoch seconds."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ...errors import InputError
from ..rejects import Rejects
from .datafile import DataFile
from .values import Times, present


def time_kind(file: DataFile, column: str, format: str | None) -> Times:
    """How the column says when, by the first rows of the file.

    :raises InputError: for dates such as 20050116, which as seconds would be days in 1970.
    """
    sample = present(file.head()[column], file.missing)
    if format is None and _are_days(sample.dropna()):
        raise InputError(
            f"{file.where}, column {column}: {sample.dropna().iloc[0]} and the others look like "
            "dates, and would be read as seconds since 1970",
            f'Say so in the mapping, beside timestamp = "{column}": timestamp_format = "%Y%m%d"',
        )
    return Times.guess(sample, format)


def _are_days(texts: pd.Series[Any]) -> bool:
    """Whether all are days from 1900 to 2100, written as eight digits."""
    if texts.empty or not texts.str.fullmatch(r"(?:19|20)\d{6}|2100\d{4}").all():
        return False
    return bool(pd.to_datetime(texts, format="%Y%m%d", errors="coerce").notna().all())


def read_times(
    file: DataFile, rows: pd.DataFrame, column: str, times: Times, rejects: Rejects
) -> pd.DataFrame:
    """The rows with ``timestamp`` (Int64) in place of the column; bad ones are rejected."""
    seconds = times.seconds(rows[column])
    bad = seconds.isna() & rows[column].notna()
    for line, value in zip(rows.loc[bad, "line"], rows.loc[bad, column], strict=True):
        reason = f"column {column}: '{value}' is not {times.wanted()}"
        kind = f"column {column} is not {times.wanted()}"
        rejects.add(file.where, line, reason, str(value), kind)
    return rows.drop(columns=column).assign(timestamp=seconds)[~bad]
