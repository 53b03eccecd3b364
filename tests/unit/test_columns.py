"""Relationships as columns: every row once, start nodes whole, values as they are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.graph.columns import column_batches

pairs = st.lists(st.tuples(st.sampled_from("abcde"), st.integers(1, 9)))


def sent(frame: pd.DataFrame, columns: dict[str, str], rows: int) -> list[list[tuple[Any, ...]]]:
    """The rows of each batch as the statement sees them."""
    return [
        [
            (batch.parameters["startIds"][start], batch.parameters["endIds"][end], *rest)
            for start, end, *rest in zip(
                batch.parameters["starts"],
                batch.parameters["ends"],
                *[batch.parameters[name] for name in columns],
                strict=True,
            )
        ]
        for batch in column_batches(frame, "user", "item", columns, rows)
    ]


@given(pairs, st.integers(1, 6))
def test_every_row_once_and_no_user_divided(rows: list[tuple[Any, ...]], size: int) -> None:
    frame = pd.DataFrame(sorted(rows), columns=["user", "item"])
    frame["rank"] = np.arange(len(frame))
    batches = sent(frame, {"ranks": "rank"}, size)
    assert [row for batch in batches for row in batch] == list(frame.itertuples(index=False))
    owners = [{row[0] for row in batch} for batch in batches]
    assert sum(map(len, owners)) == len({row[0] for row in rows})
    assert all(len(batch) >= size for batch in batches[:-1])


def test_each_id_is_sent_once_and_values_as_lists() -> None:
    ids = [np.array([4, 5]), np.array([4]), np.array([], dtype=np.int64)]
    frame = pd.DataFrame({"user": [1, 1, 2], "item": [8, 9, 8], "ids": ids})
    frame["share"] = [0.5, np.nan, 1.0]
    (batch,) = column_batches(frame, "user", "item", {"ids": "ids", "shares": "share"}, 10)
    assert batch.parameters == {
        "startIds": [1, 2],
        "endIds": [8, 9],
        "starts": [0, 0, 1],
        "ends": [0, 1, 0],
        "ids": [[4, 5], [4], []],
        "shares": [0.5, None, 1.0],
    }
    types = {type(one) for row in batch.parameters["ids"] for one in row}
    assert types == {int}


def test_a_list_may_be_missing() -> None:
    frame = pd.DataFrame({"user": ["a", "a"], "item": ["x", "y"]})
    frame["ids"] = [np.array(["x"], dtype=object), None]
    (batch,) = column_batches(frame, "user", "item", {"ids": "ids"}, 10)
    assert batch.parameters["ids"] == [["x"], None]


def test_a_checksum_stands_for_the_values() -> None:
    def checksum(ids: list[Any], item: int = 3) -> str:
        arrays = [np.array(one, dtype=np.int64) for one in ids]
        frame = pd.DataFrame({"user": [1, 1], "item": [item, 4], "ids": arrays})
        return next(column_batches(frame, "user", "item", {"ids": "ids"}, 10)).checksum

    known = checksum([[1, 2], [3]])
    assert checksum([[1, 2], [3]]) == known
    others = {checksum([[1], [2, 3]]), checksum([[1, 2], [4]]), checksum([[1, 2], [3]], item=5)}
    assert len(others | {known}) == 4
