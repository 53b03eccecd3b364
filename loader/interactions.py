"""Interactions: the checks that every source's rows have to pass, and their order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from ..errors import InputError


def check_interactions(
    where: str,
    interactions: pd.DataFrame,
    known: Mapping[str, tuple[pd.Series[Any], str]],
    first_line: int = 2,
) -> None:
    """Refuse rows about unknown users or items, and a second row of a (user, item).

    :param known: for ``userId`` and ``itemId`` the known ids and the name of their file.
    :param first_line: the line of the first row, for errors.
    :raises InputError: names file, line and column of the first such row.
    """
    for column, (ids, file) in known.items():
        unknown = ~interactions[column].isin(ids)
        if unknown.any():
            row = int(unknown.to_numpy().argmax())
            raise InputError(
                f"{where}, line {row + first_line}, column {column}: "
                f"'{interactions[column].iloc[row]}' is not in {file}",
                "Use files that belong together, or take the row out.",
            )
    pair = ["userId", "itemId"]
    repeated = interactions.duplicated(pair).to_numpy()
    if repeated.any():
        row = int(repeated.argmax())
        user, item = interactions[pair].iloc[row]
        same = (interactions["userId"] == user) & (interactions["itemId"] == item)
        first = int(same.to_numpy().argmax())
        raise InputError(
            f"{where}, line {row + first_line}: user {user} has rated item {item} before, "
            f"in line {first + first_line}",
            "Keep one row for each user and item.",
        )


def add_seq(interactions: pd.DataFrame) -> pd.DataFrame:
    """Sort by user and time and number each user's rows 1…n in ``seq``.

    The order is (timestamp, the source's row order, itemId); as row order never ties, item
    ids decide nothing here. Without timestamps it is the row order; missing ones come last.
    """
    keys = [name for name in ("userId", "timestamp") if name in interactions]
    ordered = interactions.sort_values(keys, kind="stable", ignore_index=True)
    seq = ordered.groupby("userId", sort=False).cumcount() + 1
    return ordered.assign(seq=seq.astype("int32"))
