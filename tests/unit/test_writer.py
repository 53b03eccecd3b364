"""The batched writer: how rows are cut, and what happens when a batch fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.graph.connection import Counters, Result, Transaction
from reelgraph.graph.writer import Batch, batches, bucket_of, write_batches

T = TypeVar("T")
COLUMNS = {"items": "item", "ratings": "rating"}
rows = st.lists(st.tuples(st.integers(1, 30), st.integers(), st.one_of(st.none(), st.floats(0, 5))))


def frame(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["user", "item", "rating"]).astype({"rating": "Float64"})


@given(rows, st.integers(1, 9))
def test_batches_hold_every_row_once_and_whole_users(
    rows: list[tuple[Any, ...]], buckets: int
) -> None:
    found = list(batches(frame(rows), "user", COLUMNS, buckets))
    again = [
        (group["userId"], item, rating)
        for batch in found
        for group in batch.groups
        for item, rating in zip(group["items"], group["ratings"], strict=True)
    ]
    assert sorted(again, key=str) == sorted(rows, key=str)
    assert sum(batch.rows for batch in found) == len(rows)
    assert [batch.key for batch in found] == sorted({batch.key for batch in found})
    for batch in found:
        users = [group["userId"] for group in batch.groups]
        assert users == sorted(set(users))
        assert {bucket_of(user, buckets) for user in users} == {batch.key}
    for user in {row[0] for row in rows}:
        assert [row[1] for row in again if row[0] == user] == [
            row[1] for row in rows if row[0] == user
        ]


@given(rows, st.integers(1, 30))
def test_a_new_row_changes_only_its_own_batch(rows: list[tuple[Any, ...]], user: int) -> None:
    before = {batch.key: batch.checksum for batch in batches(frame(rows), "user", COLUMNS, 8)}
    grown = [*rows, (user, 7, 3.0)]
    after = {batch.key: batch.checksum for batch in batches(frame(grown), "user", COLUMNS, 8)}
    changed = {key for key, checksum in after.items() if before.get(key) != checksum}
    assert changed == {bucket_of(user, 8)}


def test_lists_are_sent_as_lists_and_missing_values_as_none() -> None:
    table = pd.DataFrame({"user": ["b", "a"], "ids": [[1, 2], []], "text": [None, "x"]})
    found = list(batches(table, "user", {"ids": "ids", "text": "text"}, 1))
    assert found[0].groups == [
        {"userId": "a", "ids": [[]], "text": ["x"]},
        {"userId": "b", "ids": [[1, 2]], "text": [None]},
    ]


class Recording:
    """A graph that notes what it is asked and keeps the ledger in a dictionary."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.marks: dict[tuple[str, int], str] = {}
        self.written: list[int] = []
        self.fail_at = fail_at
        self.lock = threading.Lock()

    def run(self, statement_id: str, **parameters: Any) -> Result:
        if statement_id == "load/read_ledger":
            rows = [
                {"batch": batch, "checksum": checksum}
                for (ledger, batch), checksum in self.marks.items()
                if ledger == parameters["ledger"]
            ]
            return Result(rows)
        if statement_id == "load/claim_batch":
            key = (parameters["ledger"], parameters["batch"])
            fresh = self.marks.get(key) != parameters["checksum"]
            self.marks[key] = parameters["checksum"]
            return Result([{"fresh": fresh}])
        assert statement_id == "some/statement"
        batch = parameters["groups"][0]["key"]
        if batch == self.fail_at:
            raise ValueError("refused")
        self.written.append(batch)
        return Result([], Counters(nodes_created=1))

    def stream(self, statement_id: str, **parameters: Any) -> Iterator[dict[str, Any]]:
        raise AssertionError(statement_id)

    def transact(self, work: Callable[[Transaction], T]) -> T:
        with self.lock:
            before = dict(self.marks)
            try:
                return work(self)
            except ValueError:
                self.marks = before
                raise


def some_batches(number: int) -> Iterator[Batch]:
    return (Batch(key, [{"key": key}], f"sum{key}", 1) for key in range(number))


def test_a_second_run_writes_nothing() -> None:
    graph, done = Recording(), []
    first = write_batches(graph, "some/statement", some_batches(9), ledger="x")
    again = write_batches(
        graph, "some/statement", some_batches(9), ledger="x", progress=done.append
    )
    assert first.nodes_created == 9
    assert sorted(graph.written) == list(range(9))
    assert again == Counters()
    assert sum(done) == 9


def test_another_ledger_or_none_writes_again() -> None:
    graph = Recording()
    for ledger in ("x", "y", None):
        write_batches(graph, "some/statement", some_batches(2), ledger=ledger)
    assert len(graph.written) == 6


def test_a_changed_batch_is_written_again() -> None:
    graph = Recording()
    write_batches(graph, "some/statement", some_batches(3), ledger="x")
    changed = [Batch(1, [{"key": 1}], "other", 1), *some_batches(1)]
    write_batches(graph, "some/statement", changed, ledger="x")
    assert sorted(graph.written) == [0, 1, 1, 2]


def test_a_failing_batch_stops_the_others_and_is_raised() -> None:
    graph = Recording(fail_at=3)
    with pytest.raises(ValueError, match="refused"):
        write_batches(graph, "some/statement", some_batches(1000), ledger="x", threads=3)
    assert len(graph.written) < 900
    assert ("x", 3) not in graph.marks
    graph.fail_at = None
    write_batches(graph, "some/statement", some_batches(1000), ledger="x", threads=3)
    assert sorted(graph.written) == list(range(1000))
