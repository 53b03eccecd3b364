"""64-bit digests of rows, vectorised and the same on every machine and in every load."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Hashes = npt.NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mix(values: Hashes) -> Hashes:
    """The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): a bijection of 64 bits."""
    mixed = values + _GOLDEN
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def of_column(column: pd.Series[Any]) -> Hashes:
    """One digest per value; equal for equal values of one kind, and 0 for missing ones."""
    missing = column.isna().to_numpy(dtype=bool)
    if pd.api.types.is_bool_dtype(column) or pd.api.types.is_integer_dtype(column):
        digests = mix(column.fillna(0).to_numpy(dtype="int64").view(np.uint64))
    elif pd.api.types.is_float_dtype(column):
        floats = column.fillna(0.0).to_numpy(dtype="float64") + 0.0  # -0.0 becomes 0.0
        digests = mix(floats.view(np.uint64) ^ _GOLDEN)
    else:
        texts = np.array([_text(value) for value in column], dtype=object)
        digests = pd.util.hash_array(texts, categorize=False).astype(np.uint64)
    digests[missing] = 0
    return digests


def of_rows(frame: pd.DataFrame, start: int = 0) -> Hashes:
    """One digest per row over all columns but the missing values; ``start`` tells tables apart.

    A column without a value in a row does not count, so that a new, empty column changes
    nothing.
    """
    total = np.full(len(frame), start, dtype=np.uint64)
    for name in sorted(frame.columns):
        values = of_column(frame[name])
        total += np.where(values == 0, np.uint64(0), mix(values + of_text(name)))
    return mix(total)


def of_text(text: str) -> np.uint64:
    """The digest of one text."""
    digest: np.uint64 = pd.util.hash_array(np.array([text], dtype=object), categorize=False)[0]
    return digest


def of_groups(digests: Hashes, starts: npt.NDArray[np.int64]) -> Hashes:
    """The sum (mod 2^64) of each group of rows; groups begin at ``starts`` and are not empty."""
    if not len(starts):
        return np.zeros(0, dtype=np.uint64)
    return np.add.reduceat(digests, starts)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | tuple | np.ndarray):
        return json.dumps(list(value), default=str)
    return repr(value)
