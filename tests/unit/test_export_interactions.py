"""Interactions from the server's records to Parquet: blocks, row groups, and what is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from reelgraph.artifacts import frame_digest
from reelgraph.errors import DatabaseError, InputError
from reelgraph.export import histories, interactions
from reelgraph.export.dataset import export_dataset
from reelgraph.graph.connection import Result
from reelgraph.graph.contents import DatasetFacts

NONE, NO_TIME = float("nan"), -(2**63)
FACTS = DatasetFacts("invented", "invented", "RATED", {"users": 40, "items": 30, "entities": 0})
USERS = pd.DataFrame({"userId": range(100, 140)})
ITEMS = pd.DataFrame({"itemId": pd.Series([f"i{item:02}" for item in range(30)], dtype="str")})

Record = dict[str, Any]


class Records:
    """A graph that streams given records."""

    def __init__(self, records: Sequence[Record | BaseException]) -> None:
        self.records = records

    def run(self, statement_id: str, **parameters: Any) -> Result:
        return Result()

    def stream(self, statement_id: str, **parameters: Any) -> Iterator[Record]:
        assert statement_id == "export/interactions"
        assert parameters["types"] == ["RATED"]
        for record in self.records:
            if isinstance(record, BaseException):
                raise record
            yield record


def record(user: int, items: Sequence[int], **columns: Sequence[Any]) -> Record:
    given = {
        "items": [f"i{item:02}" for item in items],
        "ratings": [1.5] * len(items),
        "timestamps": [7] * len(items),
        "seqs": list(range(1, len(items) + 1)),
    }
    return {"user": user, **given, **columns}


@pytest.fixture
def records() -> list[Record]:
    """Users with up to 29 items each, in random order."""
    random = np.random.default_rng(3)
    found = []
    for user in range(100, 139, 2):
        seqs = (random.permutation(random.integers(1, 30)) + 1).tolist()
        items = random.permutation(30)[: len(seqs)].tolist()
        times = [10**9 + seq for seq in seqs]
        found.append(
            record(user, items, seqs=seqs, timestamps=times, ratings=[seq / 2 for seq in seqs])
        )
    return found


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "_BLOCK_ROWS", 30)
    monkeypatch.setattr(interactions, "_GROUP_ROWS", 20)


def write(path: Path, records: Sequence[Record | BaseException]) -> Path:
    graph: Any = Records(records)
    blocks = histories.read_histories(graph, FACTS, USERS, ITEMS, progress=False)
    interactions.write_interactions(path, blocks)
    return path


def at_once(records: list[Record]) -> pd.DataFrame:
    """The same table, made with everything in memory."""
    parts = [
        pd.DataFrame(
            {
                "user": record["user"],
                "item": pd.Series(record["items"], dtype="str"),
                "rating": np.array(record["ratings"], np.float32),
                "timestamp": pd.Series(record["timestamps"], dtype="int64"),
                "seq": np.array(record["seqs"], np.int32),
            }
        )
        for record in records
    ]
    return pd.concat(parts).sort_values(["user", "seq"], ignore_index=True)


def test_the_file_is_the_table_in_row_groups_of_one_size(
    records: list[Record], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path / "a.parquet", records)
    table = at_once(records)
    pd.testing.assert_frame_equal(pd.read_parquet(path), table)
    assert frame_digest(path) == frame_digest(table)
    metadata = pq.read_metadata(path)
    sizes = [metadata.row_group(group).num_rows for group in range(metadata.num_row_groups)]
    assert sizes[:-1] == [20] * (len(table) // 20)
    monkeypatch.setattr(histories, "_BLOCK_ROWS", 2)
    assert write(tmp_path / "b.parquet", records).read_bytes() == path.read_bytes()
    shuffled = [dict(one) for one in records]
    for one in shuffled:
        for name in ("items", "ratings", "timestamps", "seqs"):
            one[name] = one[name][::-1]
    assert write(tmp_path / "c.parquet", shuffled).read_bytes() == path.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "a.parquet",
        "b.parquet",
        "c.parquet",
    ]


def test_no_more_than_a_block_is_read_ahead(records: list[Record]) -> None:
    """Rows leave as soon as a block is full, wherever the reader stands."""
    graph: Any = Records([*records[:10], RuntimeError("read too far")])
    blocks = histories.read_histories(graph, FACTS, USERS, ITEMS, progress=False)
    rows = len(next(blocks))
    assert 30 <= rows < 60


def test_columns_that_no_row_has_are_left_out(records: list[Record], tmp_path: Path) -> None:
    table = at_once(records)
    for one in records:
        one["ratings"] = [NONE] * len(one["items"])
    path = write(tmp_path / "a.parquet", records)
    pd.testing.assert_frame_equal(pd.read_parquet(path), table.drop(columns="rating"))
    for one in records:
        one["timestamps"] = [NO_TIME] * len(one["items"])
    path = write(tmp_path / "b.parquet", records)
    pd.testing.assert_frame_equal(pd.read_parquet(path), table[["user", "item", "seq"]])
    assert frame_digest(path) == frame_digest(table[["user", "item", "seq"]])


def test_values_that_only_the_last_block_lacks(records: list[Record], tmp_path: Path) -> None:
    table = at_once(records)
    records.append(record(139, [4, 3], ratings=[NONE, 2], timestamps=[8, NO_TIME]))
    found = pd.read_parquet(write(tmp_path / "a.parquet", records))
    assert found["timestamp"].dtype == "Int64" and found["rating"].dtype == np.float32
    assert found["timestamp"].to_list() == [*table["timestamp"], 8, pd.NA]
    assert found["rating"].isna().to_list() == [*[False] * len(table), True, False]


def test_values_that_only_the_first_block_lacks(records: list[Record], tmp_path: Path) -> None:
    for one in records[:4]:
        one["timestamps"] = [NO_TIME] * len(one["items"])
        one["ratings"] = [NONE] * len(one["items"])
    found = pd.read_parquet(write(tmp_path / "a.parquet", records))
    lacking = sum(len(one["items"]) for one in records[:4])
    for name in ("rating", "timestamp"):
        assert found[name].isna().to_list() == [row < lacking for row in range(len(found))]


def test_what_killed_exports_left_goes_after_a_day(tmp_path: Path) -> None:
    killed, running = tmp_path / ".export.0.tmp", tmp_path / ".export.00.tmp"
    for folder in (killed, running):
        folder.mkdir()
        (folder / "part").touch()
        os.utime(folder, (0, 0))
    os.utime(killed / "part", (0, 0))
    graph: Any = Records([])
    with pytest.raises(InputError, match="no users"):
        export_dataset(graph, tmp_path, progress=False)
    assert list(tmp_path.iterdir()) == [running]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (record(137, [1, 2], seqs=[1, 0]), "^2 interactions have no seq"),
        (record(137, [1, 2], seqs=[2, 2]), "^user 137 has two interactions with one seq"),
        (
            record(137, [5, 2, 5]),
            "^user 137 has more than one interaction with item i05; there are 2 such rows",
        ),
        (record(137, [1, 2], ratings=["good", 1]), "^ratings of user 137"),
        (record(137, [1, 2], timestamps=[1.5, 1]), "^timestamps of user 137"),
    ],
)
def test_faults_are_counted_over_the_blocks(
    records: list[Record], tmp_path: Path, wrong: Record, message: str
) -> None:
    again = {**wrong, "user": 139}
    between = record(138, range(30))
    with pytest.raises(InputError, match=message):
        write(tmp_path / "a.parquet", [*records[:-1], wrong, between, again])
    assert not list(tmp_path.iterdir())


def test_one_item_and_one_seq_of_two_users_are_no_fault(tmp_path: Path) -> None:
    path = write(tmp_path / "a.parquet", [record(100, [1]), record(101, [1])])
    assert len(pd.read_parquet(path)) == 2


def test_no_interactions(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no RATED relationship"):
        write(tmp_path / "a.parquet", [])


@pytest.mark.parametrize(
    ("records", "message"),
    [
        ([record(101, [1]), record(100, [1])], "user 100 came out of order"),
        ([record(101, [1]), record(101, [2])], "user 101 came out of order"),
        ([record(101, [1]), record(7, [1])], "was not there"),
        ([record(101, [1], seqs=[1, 2])], "differ in number"),
    ],
)
def test_a_graph_that_changes_is_refused(
    tmp_path: Path, records: list[Record], message: str
) -> None:
    with pytest.raises(DatabaseError, match=message):
        write(tmp_path / "a.parquet", records)


def test_interrupted_writing_leaves_nothing(records: list[Record], tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path / "a.parquet", [*records, KeyboardInterrupt()])
    assert not list(tmp_path.iterdir())
