"""Folds that the user brings: files of train and test rows, looked up in the data set."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ...errors import InputError

_NAMES = ("user", "item", "rating", "timestamp")
_EPOCH = 1e8  # no rating is so large; as seconds it is a day in 1973
_TWICE, _ELSEWHERE = "occurs twice", "is in {}, too"
_LOOKED_AT = 65_536  # characters of a file in which one looks for signs of a binary one
_HEADINGS = {
    "user": {"user", "userid", "uid"},
    "item": {"item", "itemid", "iid", "movie", "movieid", "tconst"},
    "rating": {"rating", "stars", "score"},
    "timestamp": {"timestamp", "time"},
}


def folds_of_files(rows: pd.DataFrame, train: str, test: str) -> npt.NDArray[np.str_]:
    """``train``, ``test`` or ``unused`` (in neither file) for each row of the data set.

    A file has the columns user, item and optionally rating and timestamp, by tab, comma or
    ``::``, also as ``.gz``; a first line with names is a header. Without one, a column that
    looks like epoch seconds is the timestamp (:func:`read_fold`).

    :param rows: ``user, item`` and optionally ``rating, timestamp`` of the data set.
    :raises InputError: for a row that is not in the data set (its rating and timestamp
        included), occurs twice or in both files; names file and line.
    """
    place = pd.MultiIndex.from_arrays([rows["user"].map(str), rows["item"].map(str)])
    if not place.is_unique:
        user, item = place[place.duplicated()][0]
        raise InputError(
            f"the data have more than one row of user {user} and item {item}",
            "Folds by files need each pair of user and item once.",
        )
    fold = np.full(len(rows), "unused")
    for name, path in (("train", Path(train)), ("test", Path(test))):
        table = read_fold(path)
        found = place.get_indexer(pd.MultiIndex.from_frame(table[["user", "item"]]))
        _refuse(path, table, found < 0, "is not in the data set")
        _refuse(path, table, pd.Series(found).duplicated().to_numpy(), _TWICE)
        _refuse(path, table, fold[found] != "unused", _ELSEWHERE.format(Path(train).name))
        for column in ("rating", "timestamp"):
            if column in table and column in rows:
                _refuse_other(path, table, rows[column].iloc[found], column)
        fold[found] = name
    return fold


def check_once(tables: Mapping[Path, pd.DataFrame]) -> None:
    """Refuse a pair of user and item that occurs in two rows, of one file or of two.

    :param tables: what :func:`read_fold` made of each file.
    :raises InputError: names file and line.
    """
    before: dict[Path, pd.MultiIndex] = {}
    for path, table in tables.items():
        pairs = pd.MultiIndex.from_frame(table[["user", "item"]])
        _refuse(path, table, pairs.duplicated(), _TWICE)
        for other, known in before.items():
            _refuse(path, table, pairs.isin(known), _ELSEWHERE.format(other.name))
        before[path] = pairs


def reading_of(path: Path) -> str:
    """How a file is read: ``tab, no header: user, item, timestamp``.

    :raises InputError: as :func:`read_fold`.
    """
    separator, has_header, _ = _layout(path)
    columns = [str(name) for name in read_fold(path) if name != "line"]
    between = {"\t": "tab", ",": "comma"}.get(separator, separator)
    return f"{between}, {'a' if has_header else 'no'} header: {', '.join(columns)}"


def read_fold(path: Path) -> pd.DataFrame:
    """``user, item`` and what else there is of ``rating, timestamp``, as text, and ``line``.

    The columns are in the order of the file. Without a header the first two are user and item;
    of the next two the one whose values are all beyond every rating is the timestamp.

    :raises InputError: for a file without rows, with ragged lines or an empty id.
    """
    separator, has_header, cells = _layout(path)
    columns = _header(cells) or dict(zip(_NAMES, range(len(cells)), strict=False))
    skipped = 1 if has_header else 0
    step = len(separator)  # '::' is read as two separators with nothing between them
    try:
        table = pd.read_csv(
            path,
            sep=separator[0],
            header=None,
            skiprows=skipped,
            names=list(range(step * len(cells) - step + 1)),
            usecols=[step * place for place in sorted(columns.values())],
            index_col=False,
            dtype=str,
            keep_default_na=False,
            na_values=[""],
            skip_blank_lines=False,
            encoding="utf-8-sig",
        )
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}", "Mend the file.") from None
    table.columns = table.columns // step
    if not has_header:
        columns = _with_times(table, columns)
    in_order = sorted(columns.items(), key=lambda one: one[1])
    named = {name: table[column].str.strip() for name, column in in_order}
    found = pd.DataFrame(named).assign(line=np.arange(len(table)) + 1 + skipped)
    _refuse(path, found, found[list(columns)].isna().any(axis=1).to_numpy(), "has an empty field")
    if found.empty:
        raise InputError(f"{path} has no rows", "Give the rows of this fold.")
    return found


def _layout(path: Path) -> tuple[str, bool, list[str]]:
    """The separator, whether there is a header, and the cells of the first line."""
    first = _first_line(path)
    if not first.strip():
        raise InputError(f"{path} is empty, or begins with an empty line", "Mend the file.")
    separator = next((one for one in ("\t", "::") if one in first), ",")
    cells = [cell.strip().strip('"') for cell in first.rstrip("\r\n").split(separator)]
    if len(cells) < 2:
        raise InputError(
            f"{path}, line 1: '{first.strip()}' is one column",
            "Columns are user, item, rating, timestamp by tab, comma or '::'.",
        )
    header = _header(cells)
    if header is None and (half := _named(cells)):
        missing = next(name for name in ("user", "item") if name not in half)
        raise InputError(
            f"{path}, line 1: the header has no column '{missing}'",
            f"Columns that it names: {', '.join(cells)}",
        )
    return separator, header is not None, cells


def _with_times(table: pd.DataFrame, columns: dict[str, int]) -> dict[str, int]:
    """The columns behind user and item by their values: times are larger than any rating."""
    others = [column for name, column in columns.items() if name not in ("user", "item")]
    numbers = {one: pd.to_numeric(table[one], errors="coerce") for one in others}
    times = [one for one in others if (numbers[one] >= _EPOCH).all()]
    if not times:
        return columns
    found = {"user": columns["user"], "item": columns["item"], "timestamp": times[0]}
    ratings = [one for one in others if one != times[0]]
    return {**found, **({"rating": ratings[0]} if ratings else {})}


def _first_line(path: Path) -> str:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    try:
        with opener(path, "rt", encoding="utf-8-sig") as file:
            line: str = file.readline()
            start = line + file.read(_LOOKED_AT)
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}", "Check the file.") from None
    if "\0" in start:
        raise InputError(f"{path} is not a text file", "Give rows of text: user, item, rating.")
    return line


def _header(cells: list[str]) -> dict[str, int] | None:
    """Where the columns are by their names; None when the first line is a row."""
    found = _named(cells)
    return found if {"user", "item"} <= set(found) else None


def _named(cells: list[str]) -> dict[str, int]:
    """Where the columns are whose names are known."""
    plain = [cell.partition(":")[0].lower().replace("_", "").replace(" ", "") for cell in cells]
    return {
        name: place
        for name in _NAMES
        for place, cell in reversed(list(enumerate(plain)))
        if cell in _HEADINGS[name]
    }


def _refuse_other(path: Path, table: pd.DataFrame, known: pd.Series[Any], column: str) -> None:
    """Refuse a rating or timestamp that is not the data set's."""
    numbers = pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=np.float64)
    expected = pd.to_numeric(known).to_numpy(dtype=np.float64, na_value=np.nan)
    wrong = ~np.isclose(numbers, expected, rtol=1e-6, atol=0) & ~np.isnan(expected)
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError(
            f"{path}, line {table['line'].iloc[row]}: {column} {table[column].iloc[row]} of user "
            f"{table['user'].iloc[row]} and item {table['item'].iloc[row]} is "
            f"{expected[row]:g} in the data set",
            "Use files that were cut from this data set.",
        )


def _refuse(path: Path, table: pd.DataFrame, wrong: npt.NDArray[np.bool_], what: str) -> None:
    if wrong.any():
        row = table.iloc[int(wrong.argmax())]
        raise InputError(
            f"{path}, line {row['line']}: the row of user {row['user']} and item {row['item']} "
            f"{what} ({int(wrong.sum()):,} such rows)",
            "Use files that were cut from one data set, each pair of user and item once.",
        )
