"""Columns of Parquet files as texts and numbers, with what counts as no value taken out."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...reading.ids import trimmed

_EXACT_BELOW = 2.0**53  # from here on not every whole number is a float
_WHOLE = r"-?[0-9]{1,18}"
_NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,2})?"


def texts(column: Any) -> pd.Series[Any]:
    """Lists stay lists; whole floats (integers with gaps, as pandas writes) lose their point."""
    kind = column.type
    if pa.types.is_nested(kind):
        return pd.Series(column.to_pylist(), dtype="object")
    if pa.types.is_dictionary(kind):
        return texts(column.dictionary_decode())
    if pa.types.is_floating(kind):
        column = _texts_of_floats(_floats(column))
    return pd.Series(column.cast(pa.string()).to_pandas(), dtype="str")


def integers(column: Any) -> tuple[pd.Series[Any], pd.Series[bool]]:
    """Int64, NA where there is no value, and which rows have a value that is not a whole number."""
    if _is_text(column):
        found = trimmed(texts(column))
        whole = found.str.fullmatch(_WHOLE)
        return found.where(whole).astype("Int64"), found.notna() & ~whole
    if pa.types.is_floating(column.type):
        column = _floats(column)
        exact = _exact(column)
        bad = pc.and_(column.is_valid(), pc.invert(exact))
        return _whole(pc.if_else(exact, column, None)), _mask(bad)
    return _whole(column), _mask(pa.array([False] * len(column)))


def numbers(column: Any) -> tuple[pd.Series[Any], pd.Series[bool]]:
    """float64, NaN where there is no value, and which rows have a value that is not a number."""
    if _is_text(column):
        found = trimmed(texts(column))
        good = found.str.fullmatch(_NUMBER)
        return pd.to_numeric(found.where(good)).astype("float64"), found.notna() & ~good
    values = column.cast(pa.float64(), safe=False).to_pandas()
    return pd.Series(values, dtype="float64"), _mask(pa.array([False] * len(column)))


def _is_text(column: Any) -> bool:
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_binary(kind)
    )


def _floats(column: Any) -> Any:
    """Without NaN, which is how pandas writes that there is no value."""
    column = column.cast(pa.float64())
    return pc.if_else(pc.is_nan(column), None, column)


def _exact(column: Any) -> Any:
    """Which floats are whole numbers that no other whole number shares; false where missing."""
    whole = pc.equal(pc.floor(column), column)
    return pc.fill_null(pc.and_(whole, pc.less(pc.abs(column), _EXACT_BELOW)), False)


def _texts_of_floats(column: Any) -> Any:
    exact = _exact(column)
    whole = pc.if_else(exact, column, None).cast(pa.int64()).cast(pa.string())
    return pc.if_else(exact, whole, column.cast(pa.string()))


def _whole(column: Any) -> pd.Series[Any]:
    values = column.cast(pa.int64()).to_pandas(types_mapper={pa.int64(): pd.Int64Dtype()}.get)
    return pd.Series(values)


def _mask(column: Any) -> pd.Series[bool]:
    return pd.Series(column.to_pandas(), dtype="bool")
