"""The column of a mapping's file that says when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import pandas as pd

from ....errors import InputError
from ...reading.rejects import Rejects
from ...reading.textfile import Kind
from ...reading.times import Times, calendar_format, day_of, small_number
from .datafile import DataFile
from .mapping import TimeKeys
from .values import present

_ONE_UNIT = (
    "All times of a column are in one unit, from 1900 to 2100. Where this one is meant, say "
    "{any_time}."
)


def time_kind(file: DataFile, keys: TimeKeys) -> Times | None:
    """How the column says when, by the first rows of the file; None where there is none.

    :raises InputError: for numbers that may be dates, or days; says how to say what they are.
    """
    if keys.timestamp is None:
        return None
    sample = present(file.head()[keys.timestamp], file.missing)
    if keys.timestamp_unit is not None:
        return Times(keys.timestamp_unit)
    times = Times.guess(sample, keys.timestamp_format)
    if keys.timestamp_format is None and times.unit is not None:
        where = f"{file.where}, line {file.first_line}, column {keys.timestamp}"
        refuse_unclear(
            times,
            sample,
            where,
            f'beside timestamp = "{keys.timestamp}": timestamp_format = "{{format}}"',
            'timestamp_unit = "{unit}"',
        )
    return times


def refuse_unclear(
    times: Times, sample: pd.Series[Any], where: str, say_format: str, say_unit: str
) -> None:
    """:raises InputError: for numbers that read as dates, or are too small for seconds."""
    format = calendar_format(sample)
    first = sample.dropna().iloc[0] if sample.notna().any() else ""
    if format is not None and (times.unit != "seconds" or len(first) != 10 or first[0] != "1"):
        raise InputError(
            f"{where}: '{first}' and the others look like dates as in '{format}', and would be "
            f"read as {times.unit} since 1970",
            f"Say which they are, {say_format.format(format=format)} or "
            f"{say_unit.format(unit=times.unit)}",
        )
    small = small_number(times, sample)
    if small is not None:
        raise InputError(
            f"{where}: '{small}', the largest of the first values, would be a second of "
            f"{day_of(int(float(small)))}",
            "Say what they count: "
            + ", ".join(say_unit.format(unit=unit) for unit in ("days", "excel-days", "seconds")),
        )


def kinds_of(keys: TimeKeys, times: Times | None) -> dict[str, Kind]:
    """As what the column is read."""
    if times is None or keys.timestamp is None:
        return {}
    return {keys.timestamp: cast(Kind, times.kind)}


def read_times(
    where: str,
    rows: pd.DataFrame,
    column: str,
    times: Times,
    rejects: Rejects,
    any_time: str = "",
) -> pd.DataFrame:
    """The rows with ``timestamp, nanoseconds`` in place of the column; bad ones are rejected.

    :param any_time: how the user allows times outside 1900 to 2100; empty where they did.
    """
    seconds, behind = times.read(rows[column])
    bad = seconds.isna() & rows[column].notna()
    wanted = times.wanted()
    for line, value in _of(rows, bad, column):
        reason = f"column {column}: '{value}' is not {wanted}"
        rejects.add(where, line, reason, value, f"column {column} is not {wanted}")
    if any_time:
        odd = times.odd(seconds) & ~bad
        since = f" as {times.unit} since 1970" if times.unit else ""
        for (line, value), second in zip(_of(rows, odd, column), seconds[odd], strict=True):
            said = "is not a time like the others"
            reason = f"column {column}: '{value}' {said}: {day_of(int(second))}{since}"
            hint = _ONE_UNIT.format(any_time=any_time)
            rejects.add(where, line, reason, value, f"column {column} {said}", hint)
        bad |= odd
    return rows.drop(columns=column).assign(timestamp=seconds, nanoseconds=behind)[~bad]


def _of(rows: pd.DataFrame, chosen: pd.Series[bool], column: str) -> Sequence[tuple[int, str]]:
    """Line and value of the chosen rows, whole numbers as the file has them."""
    return [
        (int(line), f"{value:.0f}" if isinstance(value, float) and value % 1 == 0 else str(value))
        for line, value in zip(rows.loc[chosen, "line"], rows.loc[chosen, column], strict=True)
    ]
