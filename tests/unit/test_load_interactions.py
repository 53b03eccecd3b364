"""The order of a user's interactions, and the checks of rows."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.errors import InputError
from reelgraph.loader.interactions import add_seq, check_interactions

rows = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 50), st.integers(0, 3)),
    unique_by=lambda row: row[:2],
)


def frame(rows: list[tuple[int, int, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["userId", "itemId", "timestamp"])


@given(rows)
def test_seq_is_the_order_by_time_then_row(rows: list[tuple[int, int, int]]) -> None:
    expected = {}
    for user in {row[0] for row in rows}:
        own = [(time, n, item) for n, (who, item, time) in enumerate(rows) if who == user]
        expected[user] = [(item, seq) for seq, (_, _, item) in enumerate(sorted(own), start=1)]
    found = add_seq(frame(rows))
    for user, pairs in expected.items():
        own_rows = found[found["userId"] == user]
        assert list(zip(own_rows["itemId"], own_rows["seq"], strict=True)) == pairs
    assert len(found) == len(rows)


def test_seq_without_timestamps_is_the_row_order() -> None:
    found = add_seq(frame([(1, 9, 0), (2, 9, 0), (1, 3, 0)]).drop(columns="timestamp"))
    assert found[["userId", "itemId", "seq"]].to_numpy().tolist() == [
        [1, 9, 1],
        [1, 3, 2],
        [2, 9, 1],
    ]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([(1, 1, 0), (9, 1, 0)], "f.inter, line 3, column userId: '9' is not in f.user"),
        ([(1, 1, 0), (1, 9, 0)], "f.inter, line 3, column itemId: '9' is not in f.item"),
        (
            [(1, 1, 0), (1, 2, 0), (2, 1, 0), (1, 1, 5)],
            "f.inter, line 5: user 1 has rated item 1 before, in line 2",
        ),
    ],
)
def test_wrong_rows_are_refused(rows: list[tuple[int, int, int]], message: str) -> None:
    known = {
        "userId": (pd.Series([1, 2]), "f.user"),
        "itemId": (pd.Series([1, 2]), "f.item"),
    }
    with pytest.raises(InputError) as caught:
        check_interactions("f.inter", frame(rows), known)
    assert caught.value.message == message
