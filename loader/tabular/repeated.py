"""Whether a file has one row a thing, though an id or some stand twice."""

from __future__ import annotations

import pandas as pd

from .leftovers import is_titled
from .looks import Column, Look

_SHOWN = 3


def like_things(look: Look, id: Column) -> bool:
    """Whether each row is a thing: ids do not repeat, or what is said of them does too."""
    if len(look.columns) < 2 and not id.unique:
        return False
    if id.unique:
        return True
    present = look.head[id.values.notna().to_numpy()]
    if any(column.is_list for column in look.columns):
        return not _again(present, id).any()
    rows = present.drop_duplicates()
    again = _again(rows, id)
    if not again.any():
        return True
    others = [column.name for column in look.columns if column is not id]
    if _constant(rows, id, others) > 0.5:
        return True
    few = again.mean() <= 0.1 and len(others) >= 3
    return few or (bool(again.mean() <= 0.5) and is_titled(look, id))


def repeated_rows(look: Look, id: Column) -> str | None:
    """Which rows repeat an id, for people; None where none does."""
    again = _again(look.head, id) & id.values.notna()
    if not again.any():
        return None
    lines = look.lines(again)
    ids = look.head.loc[again, id.name].tolist()
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
