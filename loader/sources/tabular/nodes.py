"""Items and users: one row each, with a readable name and properties."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, Literal

import pandas as pd

from ...reading.ids import are_whole, as_integers, odd_ones, reject_odd, trimmed, without_points
from ...reading.rejects import Rejects
from ...reading.textfile import Kind
from .datafile import DataFile
from .values import typed


def read_once(
    file: DataFile,
    id: str,
    columns: Sequence[str],
    rejects: Rejects,
    report: Counter[str],
    repeated: Literal["first", "reject"] = "reject",
    text_ids: bool = False,
) -> pd.DataFrame:
    """One row per id, texts only; rows without an id are rejected.

    :param repeated: second rows of one id are rejected, or the first counts.
    :param text_ids: without it an id that is not a whole number, where those are the rule, is
        rejected, too.
    :return: ``id`` and the wanted columns by their names in the file, and ``line``.
    """
    rows = with_ids(file, file.texts([id, *columns], rejects, report), id, rejects)
    if not text_ids:
        rows = _without_odd_ids(file, rows, id, rejects)
    second = rows[id].duplicated()
    if repeated == "first" and second.any():
        report[f"{file.path.name}: further rows of one {id}, left out"] += int(second.sum())
        return rows[~second].reset_index(drop=True)
    for line, value in zip(rows.loc[second, "line"], rows.loc[second, id], strict=True):
        reason = f"column {id}: '{value}' has a row before"
        rejects.add(file.where, line, reason, value, f"column {id}: second row")
    return rows[~second].reset_index(drop=True)


def read_first(
    file: DataFile, wanted: Mapping[str, Sequence[str]], text_ids: bool = False
) -> dict[str, pd.DataFrame]:
    """The first row of each id in a file that has many rows per id, as interactions have.

    One pass for several id columns, in memory that grows with the ids and not with the rows.
    Bad rows are passed over: they are rejected when the interactions themselves are read.

    :param wanted: columns to keep, by id column.
    :return: id and columns, and ``line``, by id column.
    """
    found: dict[str, pd.DataFrame] = {}
    every = dict.fromkeys(chain(wanted, *wanted.values()))
    kinds: dict[str, Kind] = dict.fromkeys(every, "text")
    for read in file.chunks(kinds, pass_over(), Counter()):
        chunk = read.assign(**{id: trimmed(read[id], file.missing) for id in wanted})
        for id, columns in wanted.items():
            names = list(dict.fromkeys([id, *columns, "line"]))
            rows = chunk.loc[chunk[id].notna() & ~chunk[id].duplicated(), names]
            if id in found:
                new = rows[~rows[id].isin(found[id][id])]
                rows = pd.concat([found[id], new]) if len(new) else found[id]
            found[id] = rows.reset_index(drop=True)
    if text_ids:
        return found
    return {
        id: _without_odd_ids(file, rows, id, pass_over()).reset_index(drop=True)
        for id, rows in found.items()
    }


def pass_over() -> Rejects:
    """Lets every bad row pass; for a first look at rows that are read again."""
    return Rejects(limit=sys.maxsize)


def _without_odd_ids(file: DataFile, rows: pd.DataFrame, id: str, rejects: Rejects) -> pd.DataFrame:
    """``7.0`` as 7; where whole numbers are the rule, rows with other ids are rejected."""
    rows = rows.assign(**{id: without_points(rows[id])})
    return _rejected(file, rows, id, odd_ones(rows[id]), rejects)


def _rejected(
    file: DataFile, rows: pd.DataFrame, id: str, odd: pd.Series[bool], rejects: Rejects
) -> pd.DataFrame:
    """The other rows."""
    reject_odd(rejects, file.where, id, rows.loc[odd, "line"], rows.loc[odd, id])
    return rows[~odd] if odd.any() else rows


def with_ids(file: DataFile, rows: pd.DataFrame, id: str, rejects: Rejects) -> pd.DataFrame:
    """The rows that have an id, without blanks around it; the others are rejected."""
    rows = rows.assign(**{id: trimmed(rows[id], file.missing)})
    absent = rows[id].isna()
    for line in rows.loc[absent, "line"]:
        rejects.add(file.where, line, f"column {id}: there is no id")
    return rows[~absent] if absent.any() else rows


def with_whole_ids(file: DataFile, rows: pd.DataFrame, id: str, rejects: Rejects) -> pd.DataFrame:
    """The rows whose id is a whole number, as such; others are rejected.

    As numbers they would silently become other ids: of 8.5 the whole part, of 007 the 7.
    """
    rows = rows.assign(**{id: without_points(rows[id], whole=True)})
    rows = _rejected(file, rows, id, ~are_whole(rows[id]), rejects)
    return rows.assign(**{id: as_integers(rows[id])})


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
        data[readable] = trimmed(rows[column])
    data.update({one: typed(trimmed(rows[column])) for one, column in properties.items()})
    return pd.DataFrame(data)
