"""The order of a user's interactions."""

from __future__ import annotations

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgraph.loader.interactions import add_seq

rows = st.lists(
    st.tuples(st.integers(1, 4), st.integers(1, 50), st.integers(0, 3)),
    unique_by=lambda row: row[:2],
)


def frame(rows: list[tuple[int, int, int]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["userId", "itemId", "timestamp"])


@settings(deadline=None)
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
