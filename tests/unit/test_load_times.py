"""Times of every unit: one unit per column, order within a second, what cannot be a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reelgraph.errors import InputError
from reelgraph.loader.engine.spool import Spool
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, Reading, SourceOptions
from reelgraph.loader.sources.recbole.options import RecBoleOptions
from reelgraph.loader.sources.recbole.source import RecBole
from reelgraph.loader.sources.tabular import TabularSource

MAPPING = 'name = "x"\nitem_label = "Product"\n[interactions]\nfile = "{}"\n'
MAPPING += 'user = "user"\nitem = "item"\ntimestamp = "timestamp"\n'
UNITS = {"": "", "000": "milliseconds", "000000": "microseconds", "000000000": "nanoseconds"}


def tabular(folder: Path, times: list[str], keys: str = "", users: str = "u") -> CanonicalTables:
    """Rows of users u, u, … (or u1, u2 …) about items i0, i1, … at these times."""
    rows = [f"{users},i{n},{time}" for n, time in enumerate(times)]
    (folder / "log.csv").write_text("\n".join(["user,item,timestamp", *rows, ""]))
    (folder / "map.toml").write_text(MAPPING.format("log.csv") + keys)
    reading: Reading[Any] = Reading(SourceOptions(), folder)
    return TabularSource().read(folder / "map.toml", reading)


def recbole(folder: Path, times: list[str], **options: Any) -> CanonicalTables:
    (folder / "shop").mkdir(exist_ok=True)
    head = "user_id:token\titem_id:token\ttimestamp:float"
    rows = [f"u\ti{n}\t{time}" for n, time in enumerate(times)]
    (folder / "shop" / "shop.inter").write_text("\n".join([head, *rows, ""]))
    reading = Reading(RecBoleOptions(**options), folder)
    return RecBole().read(folder / "shop", reading)


def loaded(tables: CanonicalTables, rejects: Rejects | None = None) -> list[tuple[str, int]]:
    """Item and epoch second of each row, in the order that ``seq`` gets."""
    assert tables.interactions is not None
    users = None if tables.users is None else tables.users["userId"]
    items = None if tables.items is None else tables.items["itemId"]
    with Spool(users, items) as spool:
        spool.fill(tables.interactions, rejects or Rejects())
        found = [
            (str(spool.item_ids[item]), int(time))
            for part in spool.histories()
            for item, time in zip(part.item, part.timestamp, strict=True)
        ]
    return found


BOTH = pytest.mark.parametrize("read", [tabular, recbole])


@BOTH
@pytest.mark.parametrize("zeros", UNITS)
def test_each_unit_becomes_seconds(tmp_path: Path, read: Any, zeros: str) -> None:
    tables = read(tmp_path, [f"1600000001{zeros}", f"1600000000{zeros}"])
    assert loaded(tables) == [("i1", 1600000000), ("i0", 1600000001)]
    said = f"timestamps in {UNITS[zeros]}, loaded as seconds"
    assert (said in tables.report) == bool(zeros)


@BOTH
@pytest.mark.parametrize("odd", ["1600010800123", "9223372036854775000", "1", "-1", "-9999999999"])
@pytest.mark.parametrize("place", [0, 3, 1500])
def test_one_odd_value_is_named_and_changes_no_other(
    tmp_path: Path, read: Any, odd: str, place: int
) -> None:
    times = [str(1600000000 + n) for n in range(max(place, 4))]
    times.insert(place, odd)
    with pytest.raises(InputError, match=f"line {place + 2}: column timestamp.*'{odd[:15]}"):
        loaded(read(tmp_path, times))
    kept = loaded(read(tmp_path, times), Rejects(limit=1))
    assert [time for _, time in kept] == [int(time) for time in times if time != odd]


@BOTH
def test_a_word_among_numbers_condemns_its_own_row_alone(tmp_path: Path, read: Any) -> None:
    times = ["yesterday", *(str(1600000000 + n) for n in range(3))]
    with pytest.raises(InputError, match=r"line 2: column timestamp.*'yesterday'.*number"):
        loaded(read(tmp_path, times))
    rejects = Rejects(limit=1)
    assert [time for _, time in loaded(read(tmp_path, times), rejects)] == [
        1600000000,
        1600000001,
        1600000002,
    ]
    assert rejects.total == 1


def test_a_number_among_dates_condemns_its_own_row_alone(tmp_path: Path) -> None:
    times = ["1600000000", "2024-01-31", "2024-02-01"]
    with pytest.raises(InputError, match=r"line 2: .*'1600000000' is not an ISO 8601 date"):
        loaded(tabular(tmp_path, times))


@BOTH
@pytest.mark.parametrize(
    "times",
    [
        ["20240131123059", "20240131123001"],
        ["202401311230", "202401311231"],
        ["2024013112", "2024013113"],
        ["20240131", "20240201"],
        ["240131", "240201", "231231"],
        ["45322.5", "45323.25"],
        ["45322", "45323"],
        ["2023", "2024"],
        ["1", "2"],
    ],
)
def test_calendar_numbers_and_days_are_asked_about(
    tmp_path: Path, read: Any, times: list[str]
) -> None:
    with pytest.raises(InputError, match=r"line 2, column timestamp.*'") as caught:
        loaded(read(tmp_path, times))
    assert times[0] in caught.value.message or times[1] in caught.value.message
    assert "unit" in caught.value.hint


@pytest.mark.parametrize(
    ("keys", "times", "expected"),
    [
        ('timestamp_format = "%Y%m%d%H%M%S"\n', ["20240131123059"], [1706704259]),
        ('timestamp_format = "%y%m%d"\n', ["240131"], [1706659200]),
        ('timestamp_unit = "excel-days"\n', ["45322.5"], [1706702400]),
        ('timestamp_unit = "days"\n', ["19753"], [1706659200]),
        ('timestamp_unit = "seconds"\n', ["1"], [1]),
        ('timestamp_unit = "seconds"\nany_time = true\n', ["99999999999"], [99999999999]),
        ('timestamp_unit = "milliseconds"\n', ["1600000000900"], [1600000000]),
    ],
)
def test_what_the_mapping_says_counts(
    tmp_path: Path, keys: str, times: list[str], expected: list[int]
) -> None:
    assert [time for _, time in loaded(tabular(tmp_path, times, keys))] == expected


def test_options_of_recbole(tmp_path: Path) -> None:
    assert loaded(recbole(tmp_path, ["3", "2"], time_unit="seconds")) == [("i1", 2), ("i0", 3)]
    far = ["1600000000", "99999999999"]
    with pytest.raises(InputError, match="not a time like the others"):
        loaded(recbole(tmp_path, far))
    assert len(loaded(recbole(tmp_path, far, any_time=True))) == 2


@pytest.mark.parametrize(
    "times",
    [
        ["1600000000900", "1600000000500", "1600000000100"],
        ["1600000000.9", "1600000000.5", "1600000000.1"],
        ["2020-09-13T12:26:40.900Z", "2020-09-13T14:26:40.500+02:00", "2020-09-13T12:26:40.1Z"],
        ["1600000000900000000", "1600000000500000000", "1600000000100000000"],
    ],
)
def test_events_of_one_second_keep_their_order(tmp_path: Path, times: list[str]) -> None:
    reads = [tabular] if "T" in times[0] else [tabular, recbole]
    for read in reads:
        found = loaded(read(tmp_path, times))
        assert found == [("i2", 1600000000), ("i1", 1600000000), ("i0", 1600000000)]


@pytest.mark.parametrize(
    "column",
    [
        pd.array([1600000000900000000, 1600000000100000000], dtype="int64"),
        pd.array([1600000000.9, 1600000000.1], dtype="float64"),
        pd.to_datetime([1600000000900, 1600000000100], unit="ms"),
        pd.to_datetime([1600000000900, 1600000000100], unit="ms", utc=True).tz_convert(
            "Asia/Tokyo"
        ),
    ],
    ids=["nanoseconds", "floats", "timestamps", "timestamps with zone"],
)
def test_times_of_parquet(tmp_path: Path, column: Any) -> None:
    frame = pd.DataFrame({"user": "u", "item": ["a", "b"], "timestamp": column})
    frame.to_parquet(tmp_path / "log.parquet")
    (tmp_path / "map.toml").write_text(MAPPING.format("log.parquet"))
    reading: Reading[Any] = Reading(SourceOptions(), tmp_path)
    tables = TabularSource().read(tmp_path / "map.toml", reading)
    assert loaded(tables) == [("b", 1600000000), ("a", 1600000000)]


def test_a_missing_float_is_a_missing_time(tmp_path: Path) -> None:
    frame = pd.DataFrame({"user": "u", "item": ["a", "b"], "timestamp": [1600000000.9, None]})
    frame.to_parquet(tmp_path / "log.parquet")
    (tmp_path / "map.toml").write_text(MAPPING.format("log.parquet"))
    reading: Reading[Any] = Reading(SourceOptions(), tmp_path)
    tables = TabularSource().read(tmp_path / "map.toml", reading)
    assert tables.interactions is not None
    (rows,) = tables.interactions.chunks(Rejects())
    assert rows["timestamp"].tolist() == [1600000000, pd.NA]
