"""Columns of tables as values for the driver, and as bytes for checksums."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def to_list(column: pd.Series[Any]) -> list[Any]:
    """Python values for the driver; missing ones, NaN included, become ``None``."""
    if column.dtype.kind == "O":  # may hold lists, for which isna() has no meaning
        lists = _arrays(column)
        return [_plain(value) for value in column] if lists is None else _lists(*lists)
    values: list[Any] = column.tolist()
    missing = column.isna().to_numpy()
    if missing.any():
        return [None if gone else value for value, gone in zip(values, missing, strict=True)]
    return values


def to_bytes(column: pd.Series[Any], values: list[Any]) -> bytes:
    """Bytes that stand for a column's values; equal values of one type have equal ones."""
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "iufb":
        return column.to_numpy().tobytes()
    lists = _arrays(column) if column.dtype.kind == "O" else None
    if lists is not None and lists[0].dtype.kind in "iufb":
        return lists[1].tobytes() + lists[0].tobytes()
    return repr(values).encode()


def _arrays(column: pd.Series[Any]) -> tuple[npt.NDArray[Any], npt.NDArray[np.int64]] | None:
    """A column of arrays as one array and the length of each; None for any other column.

    One conversion of a long array takes a tenth of the time of many short ones.
    """
    arrays = column.tolist()
    if not arrays or not all(type(one) is np.ndarray and one.ndim == 1 for one in arrays):
        return None
    if len({one.dtype for one in arrays}) > 1:
        return None
    return np.concatenate(arrays), np.array([len(one) for one in arrays])


def _lists(values: npt.NDArray[Any], lengths: npt.NDArray[np.int64]) -> list[Any]:
    flat = values.tolist()
    ends = np.cumsum(lengths).tolist()
    return [flat[first:last] for first, last in zip([0, *ends], ends, strict=False)]


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple | str):
        return value
    return None if pd.isna(value) else value
