"""Whether a file has one row per id, though some ids occur twice."""

from __future__ import annotations

import pandas as pd

from .columns import Column
from .first_rows import FileSample
from .node_columns import is_titled
from .vocabulary import IDS, PERSONS, ROLES

_SHOWN = 3


def has_row_per_id(sample: FileSample, id: Column, pairs: bool) -> bool:
    """Whether each row is about another id: ids do not repeat, or their other columns do, too.

    :param pairs: whether the file could as well hold pairs of an id and a value.
    """
    if id.unique or len(sample.columns) < 2:
        return id.unique and len(sample.columns) > 1
    present = sample.head[id.values.notna().to_numpy()]
    if any(column.is_list for column in sample.columns):
        return not _again(present, id).any()
    rows = present.drop_duplicates()
    again = float(_again(rows, id).mean())
    others = [column for column in sample.columns if column is not id]
    constant = _constant(rows, id, [column.name for column in others]) if again else 1.0
    if constant > 0.5 or not pairs:
        return constant >= 0.5 or again <= (0.5 if len(others) > 1 else 0.1)
    few = again <= 0.25 if len(others) > 2 else again <= 0.1 and len(others) > 1
    few = few and not any(c.words & (IDS | PERSONS | ROLES) for c in others)
    return few or (again <= 0.5 and is_titled(sample, id))


def varying(sample: FileSample, id: Column) -> set[str]:
    """Columns with several values for one id, where most of the columns have one."""
    others = [column.name for column in sample.columns if column is not id and not column.is_list]
    rows = sample.head[id.values.notna().to_numpy()]
    if not others or _constant(rows, id, others) < 0.5:
        return set()
    kinds = rows.groupby(id.name)[others].nunique()
    return {str(name) for name in others if (kinds[name] > 1).any()}


def repeated_rows(sample: FileSample, id: Column) -> str | None:
    """Which rows repeat an id, for people; None where none does."""
    again = _again(sample.head, id) & id.values.notna()
    if not again.any():
        return None
    lines = sample.lines(again)
    ids = sample.head.loc[again, id.name].tolist()
    shown = [f"line {line}: '{one}'" for line, one in zip(lines, ids, strict=True)][:_SHOWN]
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return f"{', '.join(shown)}{more} {'has' if len(ids) == 1 else 'have'} a row before"


def _again(rows: pd.DataFrame, id: Column) -> pd.Series[bool]:
    return rows[id.name].duplicated()


def _constant(rows: pd.DataFrame, id: Column, others: list[str]) -> float:
    """Share of the other columns that have one value for each repeated id."""
    repeated = rows[rows[id.name].duplicated(keep=False)]
    kinds = repeated.groupby(id.name)[others].nunique()
    shares = (kinds <= 1).mean()
    filled = shares[rows[others].notna().any()]
    return float((filled >= 0.9).mean()) if len(filled) else 0.0
