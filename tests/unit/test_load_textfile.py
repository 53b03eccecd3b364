"""Reading text files: columns out, bad rows rejected with the place, whatever the blocks."""

from __future__ import annotations

import csv
import gzip
import io
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reelgraph.errors import InputError
from reelgraph.loader.reading.files import SourceFile
from reelgraph.loader.reading.ids import as_ids
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.reading.textfile import Layout, read_table, stream_table

LAYOUT = Layout({"user": "text", "rating": "number"}, separator="\t", quoted=False)
MANY = 10**9


def write(folder: Path, data: bytes) -> SourceFile:
    path = folder / "file.tsv"
    path.write_bytes(data)
    return SourceFile(path)


def read(
    data: bytes | str, layout: Layout = LAYOUT, limit: int = 0, block_bytes: int = 2**24
) -> tuple[pd.DataFrame, Rejects, Counter[str]]:
    rejects, report = Rejects(limit), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        file = write(Path(folder), data.encode() if isinstance(data, str) else data)
        frames = list(stream_table(file, layout, rejects, block_bytes, report))
    return pd.concat(frames, ignore_index=True), rejects, report


def test_wanted_columns_and_lines() -> None:
    frame, _, _ = read('rating\tmore\tuser\n3\tx\tb\n4.5\t\t"a\n')
    assert frame["user"].tolist() == ["b", '"a']
    assert frame["rating"].tolist() == [3.0, 4.5]
    assert frame["line"].tolist() == [2, 3]
    assert list(frame.columns) == ["user", "rating", "line"]
    assert {str(dtype) for dtype in frame.dtypes} == {"str", "float64", "int64"}


def test_empty_and_na_like_texts_stay_texts() -> None:
    assert read("user\trating\nNA\t1\n\t2\n")[0]["user"].tolist() == ["NA", ""]


def test_names_for_a_file_without_header_and_a_long_separator() -> None:
    layout = Layout({"m": "integer", "t": "text"}, "::", names=("u", "m", "t"))
    frame, _, _ = read('1::7::a:b\n2::8::"x::""y"""\n', layout)
    assert frame.to_numpy().tolist() == [[7, "a:b", 1], [8, 'x::"y"', 2]]


def test_texts_that_mean_missing() -> None:
    layout = Layout({"t": "text", "n": "number", "i": "integer"}, missing=(r"\N",))
    for bad in ("", "x,y,z\n"):  # the second one makes the rows be read one by one
        frame, _, _ = read("t,n,i\n\\N,\\N,\\N\n,1,2\n" + bad, layout, limit=1)
        assert frame["t"].isna().tolist() == [True, False]
        assert frame["n"].isna().tolist() == [True, False]
        assert frame["i"].dtype == "Int64"
        assert frame["i"].tolist() == [pd.NA, 2]


@pytest.mark.parametrize(
    ("data", "texts"),
    [
        ("\ufeffuser\trating\na\t1\n".encode(), ["a"]),
        (b"user\trating\r\na\t1\r\nb\t2\r\n", ["a", "b"]),
        (b"user\trating\na\t1\nb\t2", ["a", "b"]),
        (b"user\trating\na\t1\n\n\r\n\n", ["a"]),
        ("user\trating\na\x85b\u2028c\x0c\x1d\t1\n".encode(), ["a\x85b\u2028c\x0c\x1d"]),
        (b"user\trating\na\rb\t1\r\nc\r\t2\r\n", ["a\rb", "c\r"]),
    ],
    ids=["bom", "crlf", "no newline", "blank lines at the end", "other line ends", "return"],
)
def test_ends_and_starts(data: bytes, texts: list[str]) -> None:
    assert read(data)[0]["user"].tolist() == texts


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "file.tsv is empty"),
        ("\n\n", "file.tsv is empty"),
        ("user\trating\n", "has a header but no rows"),
        ("user\trating", "has a header but no rows"),
        ("user\tstars\na\t1\n", "line 1: the header has no column 'rating'"),
        ("user\trating\tuser\na\t1\tb\n", "line 1: the header has column 'user' twice"),
        ("user\trating\na\t1\nb", "line 3: 1 fields instead of 2; the last line has no end"),
        ("user\trating\na\t1\nb\n", "line 3: 1 fields instead of 2"),
        ("user\trating\na\t1\n\nb\t2\n", "line 3: 1 fields instead of 2"),
        ("user\trating\na\t1\nb\t2\t3\n", "line 3: 3 fields instead of 2"),
        ("user\trating\na\t1\nb\tgood\n", "line 3: column rating: 'good' is not a number"),
        ("user\trating\na\t1\nb\t\n", "line 3: column rating: '' is not a number"),
        ("user\trating\na\tnan\n", "line 2: column rating: 'nan' is not a number"),
        ("user\trating\na\tinf\n", "line 2: column rating: 'inf' is not a number"),
        ("user\trating\na\t1_0\n", "line 2: column rating: '1_0' is not a number"),
    ],
)
def test_errors_say_where(text: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read(text)
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("text", ["0x10", "1.0", "1e3", "+1", "", "9" * 19, "1 2", "\u0663"])
def test_what_is_no_whole_number(text: str) -> None:
    with pytest.raises(InputError, match=r"line 2: column n: '.*' is not a whole number"):
        read(f"n,x\n{text},\n", Layout({"n": "integer"}))


def test_bad_rows_are_listed_and_the_others_kept(tmp_path: Path) -> None:
    file = write(tmp_path, b'user,rating\na,1\nb\n"c,\nd",x\ne,2\n')
    rejects = Rejects(limit=2, file=tmp_path / "rejected.csv")
    layout = Layout({"user": "text", "rating": "number"})
    frame = read_table(file, layout, rejects)
    assert frame["user"].tolist() == ["a", "e"]
    assert frame["line"].tolist() == [2, 6]
    assert rejects.counts == {"1 fields instead of 2": 1, "column rating is not a number": 1}
    with (tmp_path / "rejected.csv").open(newline="") as listed:
        rows = list(csv.DictReader(listed))
    assert [(row["line"], row["row"]) for row in rows] == [("3", "b"), ("4", '"c,\nd",x')]
    with pytest.raises(InputError, match="More than 1 rows are bad"):
        read_table(file, layout, Rejects(limit=1))


def test_a_quote_that_is_never_closed_costs_its_own_line() -> None:
    lines = [f"{n},1" for n in range(3000)]
    lines[7] = '"open,1'
    lines[1500] = '5" disc,1'
    for block_bytes in (100, 2**24):
        frame, rejects, _ = read(
            "user,rating\n" + "\n".join(lines) + "\n",
            Layout({"user": "text", "rating": "number"}),
            limit=9,
            block_bytes=block_bytes,
        )
        assert frame["line"].tolist() == [n for n in range(2, 3002) if n != 9]
        assert frame["user"][1499] == '5" disc'
        assert rejects.total == 1


def test_damaged_encoding_is_kept_and_counted() -> None:
    data = "user\trating\né\t1\n".encode() + "ü\t2\n".encode("latin-1") + b"a\t3\n"
    frame, _, report = read(data)
    assert frame["user"].tolist() == ["é", "ü", "a"]
    assert report["rows with damaged encoding"] == 1
    whole = "user\trating\né\x85\t1\n".encode("latin-1")
    frame, _, report = read(whole, Layout(LAYOUT.columns, "\t", quoted=False, encoding="latin-1"))
    assert frame["user"].tolist() == ["é\x85"]
    assert not report.total()


def test_a_cut_off_gzip_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.tsv.gz"
    path.write_bytes(gzip.compress(b"user\trating\n" + b"a\t1\n" * 9999)[:-20])
    with pytest.raises(InputError, match="cannot be read"):
        read_table(SourceFile(path), LAYOUT, Rejects())


texts = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\",\n\r;'\\"))
tables = st.lists(
    st.tuples(texts, st.floats(allow_nan=False, allow_infinity=False), texts), min_size=1
)


@settings(deadline=None)
@given(tables, st.integers(1, 60), st.sampled_from(["\n", "\r\n"]), st.sampled_from(",\t;|"))
@example([("a\r", 1.0, "b\r\n"), ('"', 2.0, "\r")], 1, "\r\n", ",")
def test_what_the_csv_module_writes_is_read(
    rows: list[tuple[str, float, str]], block_bytes: int, end: str, separator: str
) -> None:
    buffer = io.StringIO(newline="")
    # until Python 3.13 it leaves a carriage return at the end of a line without quotes
    lone = any("\r" in text for row in rows for text in (row[0], row[2]))
    quoting = csv.QUOTE_NONNUMERIC if lone else csv.QUOTE_MINIMAL
    writer = csv.writer(buffer, delimiter=separator, lineterminator=end, quoting=quoting)
    writer.writerows([["first", "value", "last"], *rows])
    layout = Layout({"last": "text", "first": "text", "value": "number"}, separator)
    for size in (block_bytes, 2**24):
        frame, _, _ = read(buffer.getvalue(), layout, block_bytes=size)
        assert frame["first"].tolist() == [row[0] for row in rows]
        assert frame["value"].tolist() == [row[1] for row in rows]
        assert frame["last"].tolist() == [row[2] for row in rows]
        assert frame["line"].tolist() == lines_of(rows)


def lines_of(rows: list[tuple[str, float, str]]) -> list[int]:
    """A row starts behind the newlines of those before it."""
    inside = [sum(str(value).count("\n") for value in row) for row in rows]
    return [2 + n + sum(inside[:n]) for n in range(len(rows))]


@settings(deadline=None)
@given(
    st.lists(st.sampled_from(["a,1\n", "b\n", "c,x\n", '"d\ne",2\n', "f,3,4\n", '5" g,6\n'])),
    st.integers(1, 40),
)
def test_the_size_of_blocks_does_not_matter(lines: list[str], block_bytes: int) -> None:
    data = "user,rating\n" + "".join(lines) + "end,9\n"
    layout = Layout({"user": "text", "rating": "number"})
    small, large = (read(data, layout, MANY, size) for size in (block_bytes, 2**24))
    pd.testing.assert_frame_equal(small[0], large[0])
    assert small[1].counts == large[1].counts


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (["1", "20"], ["3", "0"], "i"),
        ([1, 20], ["3", "0"], "i"),
        ([1, 20], ["3", "x"], "U"),
        (["1", "x"], ["3", "4"], "U"),
        (["1", "2"], ["3", "04"], "U"),
        (["1", "2"], ["3", "-4"], "U"),
        (["1", "2"], ["3", "9" * 19], "U"),
    ],
)
def test_ids_are_integers_where_all_are(first: list[Any], second: list[Any], kind: str) -> None:
    columns = as_ids(pd.Series(first), pd.Series(second))
    assert {np.dtype(type(column[0])).kind for column in columns} == {kind}
