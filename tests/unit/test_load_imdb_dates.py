"""Review dates in the ways people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.errors import InputError
from reelgraph.loader.sources.imdb.dates import DateColumn

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
WAYS = {
    "day month": lambda day: f"{day.day} {MONTHS[day.month - 1]} {day.year}",
    "short": lambda day: f"{day.day:02} {MONTHS[day.month - 1][:3]}. {day.year}",
    "month day": lambda day: f"{MONTHS[day.month - 1][:3]} {day.day}, {day.year}",
    "iso": lambda day: day.isoformat(),
    "day first": lambda day: f"{day.day:02}/{day.month:02}/{day.year}",
    "month first": lambda day: f"{day.month}/{day.day}/{day.year}",
    "dots": lambda day: f"{day.day}.{day.month}.{day.year}",
}


def seconds_of(texts: list[str], form: str | None = None) -> list[int | None]:
    column = DateColumn("ratings.csv", form)
    lines = np.arange(2, len(texts) + 2)
    numbers, known = column.numbers(pd.Series(texts, dtype="str"), lines)
    found = iter(column.seconds(numbers[known]).tolist())
    return [next(found) if one else None for one in known]


def midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())


@given(
    st.lists(st.dates(date(1990, 1, 1), date(2030, 12, 31)), min_size=1), st.sampled_from([*WAYS])
)
@pytest.mark.slow
def test_every_way_gives_midnight_utc(days: list[date], way: str) -> None:
    days = [*days, date(2004, 12, 31)]  # decides whether the day is first
    assert seconds_of([WAYS[way](day) for day in days]) == [midnight(day) for day in days]


def test_times_and_epoch_seconds() -> None:
    assert seconds_of(["2005-01-16 10:00:01", "2005-01-16T10:00:01Z"]) == [1105869601] * 2
    assert seconds_of(["1105869601", "883603013.0"]) == [1105869601, 883603013]


def test_what_is_no_date() -> None:
    assert seconds_of(["16 January 2005", "31 February 2005", "3 Foo 2005", "x", "20050116"]) == [
        1105833600,
        *(None,) * 4,
    ]


def test_the_user_says_how_dates_are_written() -> None:
    assert seconds_of(["01/02/2005", "2005-02-01"], "%d/%m/%Y") == [1107216000, None]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["01/02/2005", "03/04/2005"], "nothing decides whether the day or the month is first"),
        (["13/02/2005", "02/13/2005"], "sometimes the day and sometimes the month is first"),
        (["13/02/2005", "31/02/2005"], "days that do not exist"),
        (["16 January 2005", "2005-01-16"], "'16 January 2005' in line 2 and '2005-01-16' in"),
        (["2005-01-16", "1105869601"], "two ways"),
    ],
)
def test_dates_that_cannot_be_told_are_refused(texts: list[str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        seconds_of(texts)
    assert message in caught.value.message
    assert "--date-format" in str(caught.value.hint)


def test_parts_of_a_column_are_judged_together() -> None:
    column = DateColumn("ratings.csv")
    first, _ = column.numbers(pd.Series(["01/02/2005"]), np.array([2]))
    second, _ = column.numbers(pd.Series(["02/13/2005"]), np.array([3]))
    found = column.seconds(np.concatenate([first, second])).tolist()
    assert found == [midnight(date(2005, 1, 2)), midnight(date(2005, 2, 13))]
    with pytest.raises(InputError, match="two ways"):
        column.numbers(pd.Series(["2005-01-16"]), np.array([4]))
