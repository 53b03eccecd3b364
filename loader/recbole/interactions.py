"""The ``.inter`` file: who used or rated what.

It is read twice: once for the ids, of which it must be known before the first row is written
whether all are integers and which items there are, and once for its rows, in chunks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...errors import InputError
from ..rejects import Rejects
from ..source import Interactions
from ..textfile import stream_table
from .header import Atomic, Column
from .options import RecBoleOptions


@dataclass(frozen=True)
class Roles:
    """Which column is what; ``left_out`` are the others."""

    user: Column
    item: Column
    rating: Column | None
    timestamp: Column | None
    left_out: tuple[Column, ...]

    def new_names(self) -> dict[str, str]:
        pairs = [(self.user, "userId"), (self.item, "itemId")]
        optional = [(self.rating, "rating"), (self.timestamp, "timestamp")]
        return {one.text: name for one, name in [*pairs, *optional] if one is not None}

    @property
    def columns(self) -> list[Column]:
        optional = [one for one in (self.rating, self.timestamp) if one is not None]
        return [self.user, self.item, *optional]


def roles_of(inter: Atomic, options: RecBoleOptions) -> Roles:
    """:raises InputError: when it cannot be told which columns are user and item."""
    tokens = [one.name for one in inter.columns if one.kind == "token"]
    user = options.user_column or ("user_id" if "user_id" in tokens else None)
    item = options.item_column or ("item_id" if "item_id" in tokens else None)
    others = [name for name in tokens if name not in (user, item)]
    if len(tokens) == 2:
        user = user or others.pop(0)
        item = item or others.pop(0)
    if user is None or item is None:
        raise InputError(
            f"{inter.file.where}, line 1: no column {'user_id' if user is None else 'item_id'}, "
            f"and {len(tokens)} columns of kind token",
            "Say which they are: --user-column NAME --item-column NAME. Found: "
            + ", ".join(one.text for one in inter.columns),
        )
    columns = inter.need(user, item)
    numbers = [inter.column(name) for name in (options.rating_column, options.timestamp_column)]
    for column in numbers:
        if column is not None and column.kind != "float":
            raise InputError(
                f"{inter.file.where}, line 1: '{column.text}' is not a float",
                "Name another one by --rating-column or --timestamp-column.",
            )
    rating, timestamp = numbers
    used = [*columns, rating, timestamp]
    left_out = tuple(one for one in inter.columns if one not in used)
    return Roles(columns[0], columns[1], rating, timestamp, left_out)


@dataclass(frozen=True)
class Ids:
    """Distinct ids of users and items, as texts in the order of the file."""

    users: pd.Series[Any]
    items: pd.Series[Any]


def read_ids(inter: Atomic, roles: Roles) -> Ids:
    """Bad rows are passed over here; they are rejected when the rows are written."""
    passed_over = Rejects(limit=2**62)
    users: dict[str, None] = {}
    items: dict[str, None] = {}
    layout = inter.layout([roles.user, roles.item])
    for frame in stream_table(inter.file, layout, passed_over):
        for column, seen in ((roles.user, users), (roles.item, items)):
            seen.update(dict.fromkeys(frame[column.text].dropna().unique().tolist()))
    return Ids(pd.Series([*users], dtype="str"), pd.Series([*items], dtype="str"))


def interactions_of(
    inter: Atomic, roles: Roles, options: RecBoleOptions, integers: tuple[bool, bool]
) -> Interactions:
    """The rows in chunks; ``integers`` says of user and item ids whether they are numbers."""

    def chunks(rejects: Rejects) -> Iterator[pd.DataFrame]:
        for frame in stream_table(inter.file, inter.layout(roles.columns), rejects):
            yield _chunk(inter, frame.rename(columns=roles.new_names()), integers, rejects)

    return Interactions(inter.file.where, chunks, options.repeated)


def _chunk(
    inter: Atomic, frame: pd.DataFrame, integers: tuple[bool, bool], rejects: Rejects
) -> pd.DataFrame:
    absent = frame[["userId", "itemId"]].isna().any(axis=1).to_numpy()
    for line in frame.loc[absent, "line"]:
        rejects.add(inter.file.where, int(line), "no user id or no item id")
    frame = frame[~absent].copy()
    for name, whole in zip(("userId", "itemId"), integers, strict=True):
        frame[name] = frame[name].astype("int64" if whole else "str")
    if "timestamp" in frame:
        seconds = np.floor(frame["timestamp"])
        frame["timestamp"] = seconds.astype("Int64" if seconds.isna().any() else "int64")
    return frame.reset_index(drop=True)
