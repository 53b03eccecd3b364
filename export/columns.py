"""Node properties of any kind as typed table columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

_NUMBERS = {frozenset({int}), frozenset({float}), frozenset({int, float})}


def property_columns(rows: Sequence[tuple[list[str], list[Any]]]) -> dict[str, pd.Series[Any]]:
    """One column per property name, in the order of names.

    :param rows: per node its property names and their values; a node may lack any.
    """
    names = sorted({name for found, _ in rows for name in found})
    columns: dict[str, list[Any]] = {name: [None] * len(rows) for name in names}
    for position, (found, values) in enumerate(rows):
        for name, value in zip(found, values, strict=True):
            columns[name][position] = value
    return {name: typed(values) for name, values in columns.items()}


def typed(values: Iterable[Any]) -> pd.Series[Any]:
    """A nullable column: whole numbers, numbers, booleans, lists of text, else text.

    Dates, times, points and mixtures of kinds become text, dates in ISO form.
    """
    plain = list(values)
    kinds = frozenset(type(value) for value in plain if value is not None)
    if kinds in _NUMBERS:
        return pd.Series(plain, dtype="Float64" if float in kinds else "Int64")
    if kinds == {bool}:
        return pd.Series(plain, dtype="boolean")
    if kinds == {list}:
        texts = [None if value is None else [as_text(v) for v in value] for value in plain]
        return pd.Series(texts, dtype="object")
    return pd.Series([None if value is None else as_text(value) for value in plain], dtype="str")


def as_text(value: Any) -> str:
    """``value`` as text; dates and times in ISO form."""
    iso = getattr(value, "iso_format", None)
    return str(iso() if iso else value)
