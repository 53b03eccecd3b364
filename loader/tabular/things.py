"""Items and users: one row each, with a readable name and properties."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Literal

import pandas as pd

from ..rejects import Rejects
from ..textfile import Kind
from .datafile import DataFile
from .values import typed

_EXACT_BELOW = 2.0**53  # from here on not every whole number is a float


def read_once(
    file: DataFile,
    id: str,
    columns: Sequence[str],
    rejects: Rejects,
    report: Counter[str],
    repeated: Literal["first", "reject"] = "reject",
) -> pd.DataFrame:
    """One row an id, texts only; rows without an id are rejected.

    :param repeated: second rows of one id are rejected, or the first counts.
    :return: ``id`` and the wanted columns by their names in the file, and ``line``.
    """
    rows = with_ids(file, file.texts([id, *columns], rejects, report), id, rejects)
    rows = rows.assign(**{id: plain_ids(rows[id])})
    second = rows[id].duplicated()
    if repeated == "first" and second.any():
        report[f"{file.path.name}: further rows of one {id}, left out"] += int(second.sum())
        return rows[~second].reset_index(drop=True)
    for line, value in zip(rows.loc[second, "line"], rows.loc[second, id], strict=True):
        reason = f"column {id}: '{value}' has a row before"
        rejects.add(file.where, line, reason, value, f"column {id}: second row")
    return rows[~second].reset_index(drop=True)


def read_first(file: DataFile, wanted: Mapping[str, Sequence[str]]) -> dict[str, pd.DataFrame]:
    """The first row of each id in a file that has many rows an id, as interactions have.

    One pass for several id columns, in memory that grows with the ids and not with the rows.
    Bad rows are passed over: they are rejected when the interactions themselves are read.

    :param wanted: columns to keep, by id column.
    :return: id and columns, and ``line``, by id column.
    """
    found: dict[str, pd.DataFrame] = {}
    every = dict.fromkeys(chain(wanted, *wanted.values()))
    kinds: dict[str, Kind] = dict.fromkeys(every, "text")
    for chunk in file.chunks(kinds, pass_over(), Counter()):
        for id, columns in wanted.items():
            names = list(dict.fromkeys([id, *columns, "line"]))
            rows = chunk.loc[chunk[id].notna() & ~chunk[id].duplicated(), names]
            if id in found:
                new = rows[~rows[id].isin(found[id][id])]
                rows = pd.concat([found[id], new]) if len(new) else found[id]
            found[id] = rows.reset_index(drop=True)
    return {id: rows.assign(**{id: plain_ids(rows[id])}) for id, rows in found.items()}


def pass_over() -> Rejects:
    """Lets every bad row pass; for a first look at rows that are read again."""
    return Rejects(limit=sys.maxsize)


def plain_ids(ids: pd.Series[Any]) -> pd.Series[Any]:
    """Ids as texts; ``7.0`` is 7 where all are numbers, as pandas writes columns with gaps."""
    if ids.str.endswith(".0").any() and ids.str.fullmatch(r"\d{1,15}(?:\.0)?").all():
        return ids.str.removesuffix(".0")
    return ids


def with_ids(file: DataFile, rows: pd.DataFrame, id: str, rejects: Rejects) -> pd.DataFrame:
    """The rows that have an id; the others are rejected."""
    absent = rows[id].isna()
    for line in rows.loc[absent, "line"]:
        rejects.add(file.where, line, f"column {id}: there is no id")
    return rows[~absent] if absent.any() else rows


def with_whole_ids(file: DataFile, rows: pd.DataFrame, id: str, rejects: Rejects) -> pd.DataFrame:
    """The rows whose id, read as a number, is the whole number that the file says.

    Others would silently become other ids: of 8.5 the whole part, of large ones a neighbour.
    """
    ids = rows[id]
    bad = (ids % 1 != 0) | (ids.abs() >= _EXACT_BELOW)
    for line, value in zip(rows.loc[bad, "line"], ids[bad], strict=True):
        said = "is not a whole number below 2**53"
        text = f"{value:.0f}" if value % 1 == 0 else str(value)
        reason = f"column {id}: {text} {said}, as ids written with a point must be"
        rejects.add(file.where, line, reason, text, f"column {id} {said}")
    return rows[~bad] if bad.any() else rows


def table(
    rows: pd.DataFrame,
    ids: pd.Series[Any],
    key: str,
    name: tuple[str, str | None],
    properties: Mapping[str, str],
) -> pd.DataFrame:
    """The canonical table: ids under ``key``, the readable name, and typed properties.

    :param name: the property for the readable name, and its column or None.
    """
    data = {key: ids}
    readable, column = name
    if column is not None:
        data[readable] = rows[column]
    data.update({one: typed(rows[column]) for one, column in properties.items()})
    return pd.DataFrame(data)
