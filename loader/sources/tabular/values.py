"""Texts of a file as values: properties by what a whole column holds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

_INTEGER = r"-?(?:0|[1-9]\d{0,17})"
_FLOAT = r"-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d{1,2})?"
_WHOLE_FLOAT = r"-?\d{1,15}\.0"
_NOT_A_NUMBER = r"-?(?:0\d.*|\d{16,})"


def present(column: pd.Series[Any], missing: Sequence[str]) -> pd.Series[Any]:
    """The column with NA for empty texts and those that mean 'no value'."""
    return column.where(~column.isin(["", *missing]))


def typed(column: pd.Series[Any]) -> pd.Series[Any]:
    """Texts (or NA) as Int64, Float64, boolean or unchanged, whichever fits **all** of them.

    A column with gaps whose numbers all end in ``.0`` holds whole numbers, as pandas writes
    them. Digits with a leading zero, or more of them than a number keeps, are texts: codes.
    """
    values = column.dropna()
    if values.empty:
        return column
    if values.str.fullmatch(_INTEGER).all():
        return column.astype("Int64")
    if values.str.fullmatch(_FLOAT).all() and not values.str.fullmatch(_NOT_A_NUMBER).any():
        whole = column.isna().any() and values.str.fullmatch(_WHOLE_FLOAT).all()
        return pd.to_numeric(column).astype("Int64" if whole else "Float64")
    if values.str.lower().isin(["true", "false"]).all():
        return column.str.lower().map({"true": True, "false": False}).astype("boolean")
    return column
