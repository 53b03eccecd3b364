"""Histories as sparse matrices: a row per query or user, a column per item."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ..errors import ModelError
from .data import FloatArray, IntArray, Interactions, Query


def query_matrix(
    queries: Sequence[Query], items: int, values: Sequence[FloatArray] | None = None
) -> sparse.csr_array:
    """``(queries, items)``: ones, or ``values`` of each history's events, at its items.

    Of an item that a history has more than once, the last event counts.
    """
    lengths = [len(query.items) for query in queries]
    found = np.concatenate([*(query.items for query in queries), np.zeros(0, np.int64)])
    given = None if values is None else np.concatenate([*values, np.zeros(0, np.float32)])
    return _matrix(np.repeat(np.arange(len(queries)), lengths), found, given, len(queries), items)


def user_matrix(train: Interactions, values: npt.NDArray[Any] | None = None) -> sparse.csr_array:
    """``(users, items)``: ones, or ``values`` of the events, at the items of each user."""
    users = np.repeat(np.arange(len(train.users)), np.diff(train.offsets))
    return _matrix(users, train.items, values, len(train.users), len(train.catalogue))


def row_normalised(ones: sparse.csr_array) -> sparse.csr_array:
    """``1 / √n`` in place of the ``n`` ones of each row, in place."""
    lengths = np.diff(ones.indptr)
    ones.data = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)
    return ones


def row_means(ones: sparse.csr_array) -> sparse.csr_array:
    """``1 / n`` in place of the ``n`` ones of each row, in place."""
    lengths = np.diff(ones.indptr)
    ones.data = np.repeat(1 / np.maximum(lengths, 1), lengths).astype(np.float32)
    return ones


def given_ratings(train: Interactions, model: str) -> FloatArray:
    """The ratings of train.

    :raises ModelError: when rows have none, or a rating is not finite.
    """
    if train.ratings is None or not len(train):
        raise ModelError(
            f"model '{model}' needs the rating of every train row, and some have none",
            "Rank instead, or load data with ratings.",
        )
    if not np.isfinite(train.ratings).all():
        raise ModelError(
            f"model '{model}' was given ratings that are not finite numbers",
            "Mend or leave out these rows.",
        )
    return train.ratings


def _matrix(
    rows: IntArray, columns: IntArray, values: npt.NDArray[Any] | None, height: int, width: int
) -> sparse.csr_array:
    key = rows * width + columns
    _, place = np.unique(key[::-1], return_index=True)  # the last of equal ones
    kept = len(key) - 1 - place
    data = np.ones(len(kept), np.float32) if values is None else values[kept]
    return sparse.csr_array((data, (rows[kept], columns[kept])), shape=(height, width))
