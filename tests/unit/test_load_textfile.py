"""Reading text files: columns out, and errors that say where."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.errors import InputError
from reelgraph.loader.textfile import Kind, as_ids, read_table

COLUMNS: dict[str, Kind] = {"user": "text", "rating": "number"}


def read(text: str) -> pd.DataFrame:
    return read_table("file.tsv", text.encode(), COLUMNS)


def test_columns_in_the_order_of_lines() -> None:
    frame = read('rating\tmore\tuser\n3\tx\tb\n4.5\t\t"a\n')
    assert frame["user"].tolist() == ["b", '"a']
    assert frame["rating"].tolist() == [3.0, 4.5]
    assert list(frame.columns) == ["user", "rating"]


def test_empty_and_na_like_texts_stay_texts() -> None:
    assert read("user\trating\nNA\t1\n\t2\n")["user"].tolist() == ["NA", ""]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "file.tsv is empty"),
        ("\n\n", "file.tsv is empty"),
        ("user\trating\n", "has a header but no rows"),
        ("user\tstars\na\t1\n", "line 1: the header has no column 'rating'"),
        ("user\trating\na\t1\nb\t", "line 3: the last line has no end"),
        ("user\trating\na\t1\nb\n", "line 3: 1 fields instead of 2"),
        ("user\trating\na\t1\n\nb\t2\n", "line 3: 1 fields instead of 2"),
        ("user\trating\na\t1\nb\t2\t3\n", "line 3: 3 fields instead of 2"),
        ("user\trating\na\t1\nb\tgood\n", "line 3, column rating: 'good' is not a number"),
        ("user\trating\na\t1\nb\t\n", "line 3, column rating: '' is not a number"),
        ("user\trating\na\tnan\n", "line 2, column rating: 'nan' is not a number"),
        ("user\trating\na\tinf\n", "line 2, column rating: 'inf' is not a number"),
    ],
)
def test_errors_say_where(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert message in caught.value.message
    assert caught.value.hint


def test_not_utf8() -> None:
    with pytest.raises(InputError, match="line 3: this is not UTF-8"):
        read_table("file.tsv", b"user\trating\na\t1\n\xe9\t2\n", COLUMNS)


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1),
            st.floats(allow_nan=False, allow_infinity=False),
        ),
        min_size=1,
    )
)
def test_what_was_written_is_read(rows: list[tuple[str, float]]) -> None:
    lines = "".join(f"{user}\t{rating!r}\n" for user, rating in rows)
    frame = read("user\trating\n" + lines)
    assert frame["user"].tolist() == [user for user, _ in rows]
    assert frame["rating"].tolist() == [rating for _, rating in rows]


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (["1", "20"], ["3", "0"], "i"),
        (["1", "x"], ["3", "4"], "O"),
        (["1", "2"], ["3", "04"], "O"),
        (["1", "2"], ["3", "-4"], "O"),
        (["1", "2"], ["3", "9" * 19], "O"),
    ],
)
def test_ids_are_integers_where_all_are(first: list[str], second: list[str], kind: str) -> None:
    columns = as_ids(pd.Series(first), pd.Series(second))
    assert {np.dtype(type(column[0])).kind for column in columns} == {"i" if kind == "i" else "U"}
