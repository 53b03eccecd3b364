"""The ``.inter`` file: who used or rated what.

It is read twice: once for the ids, of which it must be known before the first row is written
whether all are integers and which items there are, and once for its rows, in chunks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ....errors import InputError
from ...reading.ids import are_whole, as_integers, reject_odd, trimmed
from ...reading.rejects import Rejects
from ...reading.textfile import Kind, stream_table
from ...reading.times import Times
from ...source import InteractionTable
from ..tabular.scales import Scale
from ..tabular.times import read_times, refuse_unclear
from .header import Atomic, TypedColumn
from .options import RecBoleOptions

_SAMPLE = 2**16  # bytes of the file that say how times are written


@dataclass(frozen=True)
class InteractionColumns:
    """Which column is what; ``left_out`` are the others."""

    user: TypedColumn
    item: TypedColumn
    rating: TypedColumn | None
    timestamp: TypedColumn | None
    left_out: tuple[TypedColumn, ...]

    def new_names(self) -> dict[str, str]:
        pairs = [(self.user, "userId"), (self.item, "itemId")]
        optional = [(self.rating, "rating"), (self.timestamp, "timestamp")]
        return {one.text: name for one, name in [*pairs, *optional] if one is not None}

    @property
    def columns(self) -> list[TypedColumn]:
        optional = [one for one in (self.rating, self.timestamp) if one is not None]
        return [self.user, self.item, *optional]


def interaction_columns(inter: Atomic, options: RecBoleOptions) -> InteractionColumns:
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
    if options.rating_column is not None:
        inter.need(options.rating_column)
    names = (options.rating_column or "rating", options.timestamp_column)
    numbers = [inter.column(name) for name in names]
    for column in numbers:
        if column is not None and column.kind != "float":
            raise InputError(
                f"{inter.file.where}, line 1: '{column.text}' is not a float",
                "Name another one by --rating-column or --timestamp-column.",
            )
    rating, timestamp = numbers
    used = [*columns, rating, timestamp]
    left_out = tuple(one for one in inter.columns if one not in used)
    return InteractionColumns(columns[0], columns[1], rating, timestamp, left_out)


@dataclass(frozen=True)
class Seen:
    """Distinct ids of users and items, as texts in the order of the file; the ratings' scale."""

    users: pd.Series[Any]
    items: pd.Series[Any]
    scale: Scale


def look_through(inter: Atomic, roles: InteractionColumns) -> Seen:
    """Bad rows are passed over here; they are rejected when the rows are written."""
    passed_over = Rejects(limit=2**62)
    users: dict[str, None] = {}
    items: dict[str, None] = {}
    scale = Scale()
    columns = [roles.user, roles.item, *([roles.rating] if roles.rating else [])]
    texts: dict[str, Kind] = {one.text: "text" for one in columns}
    layout = replace(inter.layout(columns), columns=texts)
    for frame in stream_table(inter.file, layout, passed_over):
        for column, seen in ((roles.user, users), (roles.item, items)):
            ids = trimmed(frame[column.text])
            seen.update(dict.fromkeys(ids.dropna().unique().tolist()))
        if roles.rating is not None:
            scale.add(pd.to_numeric(frame[roles.rating.text], errors="coerce"))
    return Seen(pd.Series([*users], dtype="str"), pd.Series([*items], dtype="str"), scale)


def without_counts(
    roles: InteractionColumns, scale: Scale, options: RecBoleOptions
) -> tuple[InteractionColumns, dict[str, int]]:
    """Without a rating whose values are counts, and a remark; a column that is named stays."""
    if roles.rating is None or options.rating_column is not None or not scale.is_count:
        return roles, {}
    name = roles.rating.name
    said = f"{name} ({scale}) looks like a count and is left out; --rating-column {name} loads it"
    return replace(roles, rating=None), {said: scale.rows.total()}


def interactions_of(
    inter: Atomic,
    roles: InteractionColumns,
    options: RecBoleOptions,
    integers: tuple[bool, bool],
    report: Counter[str],
) -> InteractionTable:
    """The rows in chunks; ``integers`` says of user and item ids whether they are numbers."""

    def chunks(rejects: Rejects) -> Iterator[pd.DataFrame]:
        times = _time_kind(inter, roles, options)
        any_time = "" if options.any_time else "--any-time"
        for rows in stream_table(inter.file, inter.layout(roles.columns), rejects):
            names = {old: new for old, new in roles.new_names().items() if new != "timestamp"}
            ids = (roles.user.text, roles.item.text)
            frame = _chunk(inter, rows.rename(columns=names), ids, integers, rejects)
            if times is not None and roles.timestamp is not None:
                column = roles.timestamp.text
                frame = read_times(inter.file.where, frame, column, times, rejects, any_time)
                if times.unit != "seconds":
                    report[f"timestamps in {times.unit}, loaded as seconds"] += len(frame)
            yield frame.reset_index(drop=True)

    columns = {name: text for text, name in roles.new_names().items()}
    return InteractionTable(inter.file.where, chunks, options.repeated, columns)


def _chunk(
    inter: Atomic,
    frame: pd.DataFrame,
    names: tuple[str, str],
    integers: tuple[bool, bool],
    rejects: Rejects,
) -> pd.DataFrame:
    frame = frame.assign(**{name: trimmed(frame[name]) for name in ("userId", "itemId")})
    absent = frame[["userId", "itemId"]].isna().any(axis=1).to_numpy()
    for line in frame.loc[absent, "line"]:
        rejects.add(inter.file.where, int(line), "no user id or no item id")
    frame = frame[~absent].copy()
    for name, column, whole in zip(("userId", "itemId"), names, integers, strict=True):
        if whole:
            odd = ~are_whole(frame[name])
            reject_odd(
                rejects, inter.file.where, column, frame.loc[odd, "line"], frame.loc[odd, name]
            )
            frame = frame[~odd]
            frame = frame.assign(**{name: as_integers(frame[name])})
    return frame


def _time_kind(inter: Atomic, roles: InteractionColumns, options: RecBoleOptions) -> Times | None:
    """How the times are written, by the first rows.

    :raises InputError: for numbers that may be dates or days.
    """
    if roles.timestamp is None:
        return None
    if options.time_unit is not None:
        return Times(options.time_unit)
    column = roles.timestamp.text
    layout = replace(inter.layout([roles.timestamp]), columns={column: "text"})
    first = next(stream_table(inter.file, layout, Rejects(limit=2**62), _SAMPLE))
    sample = trimmed(first[column])
    times = Times.guess(sample)
    where = f"{inter.file.where}, line 2, column {column}"
    refuse_unclear(times, sample, where, "as {format} in another source,", "--time-unit {unit}")
    return times if times.unit is not None else Times("seconds")
