"""The column that says when, as epoch seconds."""

from __future__ import annotations

import pandas as pd

from ..rejects import Rejects
from .datafile import DataFile
from .values import Times, present


def time_kind(file: DataFile, column: str, format: str | None) -> Times:
    """How the column says when, by the first rows of the file."""
    return Times.guess(present(file.head()[column], file.missing), format)


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
