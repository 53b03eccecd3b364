"""What becomes of the columns of items and users that are not their id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from .columns import Column
from .first_rows import FileSample
from .vocabulary import IDS, ITEMS, KNOWLEDGE, MEASURES, NAMES, PERSONS, ROLES, USERS, meant_nodes

_LONG_TEXT = 200
_LONG_TITLE = 100
_LONG_VALUE = 50
_TITLE_BY_NAME = 6  # points from which a name says that a column is the title

Use = Literal["property", "knowledge", "unused"]


@dataclass(frozen=True)
class OtherColumn:
    """A column that is neither id nor title, what it may become, and why."""

    column: Column
    use: Use
    why: str
    separator: str | None = None
    sure: bool = True
    is_list: bool = False
    field: str | None = None


@dataclass
class NodeColumns:
    """A file (or the interactions' own columns) with one row per item or user."""

    sample: FileSample
    id: Column
    title: Column | None = None
    sure_of_title: bool = True
    others: list[OtherColumn] = field(default_factory=list)
    #: what is known of second rows of one id, where there are some
    repeated: str | None = None

    @property
    def used(self) -> set[str]:
        return {self.id.name, *([self.title.name] if self.title else [])} | {
            one.column.name for one in self.others if one.use != "unused"
        }


def node_columns(
    sample: FileSample, id: Column, columns: Sequence[Column], items: bool
) -> NodeColumns:
    """The items or users of a file, with these columns beside their id."""
    rest = [column for column in columns if column.name != id.name]
    title, sure = title_of(sample, id, rest)
    others = [other_column(column, items) for column in rest if column is not title]
    return NodeColumns(sample, id, title, sure, others)


def title_of(
    sample: FileSample, id: Column, columns: Sequence[Column]
) -> tuple[Column | None, bool]:
    """The column that people read, and whether its name says so."""
    points = {column: _title_points(sample, id, column) for column in columns}
    best = max(points, key=lambda column: points[column], default=None)
    if best is None or points[best] <= 0:
        return None, True
    return best, points[best] >= _TITLE_BY_NAME


def surely_titled(sample: FileSample, id: Column) -> bool:
    """Whether the name of a column says that it is the title."""
    title, sure = title_of(sample, id, [c for c in sample.columns if c is not id])
    return title is not None and sure


def is_titled(sample: FileSample, id: Column) -> bool:
    return title_of(sample, id, [c for c in sample.columns if c.name != id.name])[0] is not None


def _title_points(sample: FileSample, id: Column, column: Column) -> int:
    if not column.is_text or column.length > _LONG_TITLE or column.is_bracketed:
        return 0
    share = column.present.nunique() / max(1, id.present.nunique())
    if not sample.has_header:
        plain = column.separator is None and not column.time and not column.is_code and share >= 0.5
        return 3 if plain and column.length >= 4 else 0
    words = column.words
    rest = words - NAMES - {"primary", "original", "display", "full", "english", "short"}
    if "label" in words and share >= 0.9:
        return 3
    if rest & (KNOWLEDGE | PERSONS | ROLES | MEASURES | IDS) - id.words:
        return 0
    if not words & NAMES:
        return 3 if words & {"description", "headline"} and share >= 0.5 else 0
    points = 10 if "title" in words else 9
    points -= 2 * ("original" in words) + bool(words & {"display", "full", "english", "short"})
    own = rest <= meant_nodes(id.name) | ITEMS | USERS | sample.about
    return points - bool(rest) - (not rest <= meant_nodes(id.name)) - 5 * (not own)


def other_column(column: Column, items: bool) -> OtherColumn:
    """What a column of items (or users) becomes. Users have properties only."""
    if why := _says_nothing(column):
        return OtherColumn(column, "unused", why)
    if column.is_list or column.is_bracketed:
        return _of_lists(column, items)
    named = bool(column.words & KNOWLEDGE)
    if column.numbers is not None:
        if items and named and column.words & IDS and column.repeats:
            return OtherColumn(column, "knowledge", "ids, by its name", sure=False)
        whole = str(column.numbers.dtype) == "Int64"
        return OtherColumn(column, "property", "whole numbers" if whole else "numbers")
    if column.is_boolean:
        return OtherColumn(column, "property", "true or false")
    return _of_text(column, items, named)


def _says_nothing(column: Column) -> str:
    if column.present.empty:
        return "no values in the first rows"
    counted = column.unique and column.numbers is not None
    return "numbers of rows" if counted and column.words & {"unnamed", "index"} else ""


def _of_lists(column: Column, items: bool) -> OtherColumn:
    if not items:
        return OtherColumn(column, "unused", "lists")
    if why := _no_values(column):
        return OtherColumn(column, "unused", why)
    field, kind = column.list_field, "lists" if column.is_list else "lists in brackets"
    why = f"lists of records, of which '{field}' counts" if field else kind
    return OtherColumn(column, "knowledge", why, is_list=True, field=field, sure=not field)


def _no_values(column: Column) -> str:
    """Why the values of lists are not knowledge; empty where they are."""
    if column.list_field == "":
        return "records without a name"
    values = pd.Series(column.list_values, dtype="str")
    if values.empty:
        return "empty lists"
    if pd.to_numeric(values, errors="coerce").notna().mean() > 0.9:
        return "lists of numbers"
    return "lists of long texts" if values.str.len().mean() > _LONG_VALUE else ""


def _of_text(column: Column, items: bool, named: bool) -> OtherColumn:
    if column.length > _LONG_TEXT:
        return OtherColumn(column, "unused", "long texts")
    if items and column.separator:
        separator, sure = column.separator
        why = "several values in a field"
        return OtherColumn(column, "knowledge", why, separator, sure)
    if items and named and not column.time:
        return OtherColumn(column, "knowledge", "its name")
    if items and column.repeats and column.time is None:
        why = "few different values, though its name says nothing"
        return OtherColumn(column, "knowledge", why, sure=False)
    return OtherColumn(column, "property", "dates, kept as text" if column.time else "texts")
