"""What each file of a proposal is, and what becomes of the columns that are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from ...errors import InputError
from .looks import Column, Look
from .naming import singular, words
from .roles import ID_WORDS, Roles, roles_by_name, roles_by_place

_TITLES = ("title", "name")
_PEOPLE = {"actor": "ACTED_IN", "director": "DIRECTED", "writer": "WROTE", "producer": "PRODUCED"}
_LONG_TEXT = 200
PEOPLE = {**_PEOPLE, "cast": "ACTED_IN", "author": "WROTE"}
_KNOWLEDGE = frozenset(
    words(
        "genre tag category brand publisher country language label studio keyword subject topic "
        "style mood album maker manufacturer supplier colour color"
    )
) | set(PEOPLE)

Use = Literal["property", "knowledge", "unused"]


@dataclass(frozen=True)
class Leftover:
    """A column that is neither id nor title, what it may become, and why."""

    column: Column
    use: Use
    why: str
    separator: str | None = None


@dataclass
class Things:
    """A file (or the interactions' own columns) with one row an item, or a user."""

    look: Look
    id: Column
    title: Column | None = None
    others: list[Leftover] = field(default_factory=list)


@dataclass
class Pairs:
    """A file with rows of item and value; ``key`` is what it calls items in the items' file."""

    look: Look
    item: Column
    value: Leftover
    time: Column | None
    key: str | None = None
    names: Things | None = None


@dataclass
class Guess:
    """What the files seem to be."""

    look: Look
    roles: Roles
    items: Things | None = None
    users: Things | None = None
    pairs: list[Pairs] = field(default_factory=list)
    unused: list[str] = field(default_factory=list)


def guess(looks: Sequence[Look]) -> Guess:
    """Tell interactions, items, users and pairs apart.

    :raises InputError: when no file has columns that could be users and items.
    """
    look, roles = _interactions(looks)
    found = Guess(look, roles)
    others = [other for other in looks if other is not look]
    others.sort(key=lambda other: (not _joining(other, roles.item), not _titled(other)))
    for other in [other for other in others if not _placed(found, other)]:
        _name_values(found, other)
    _from_interactions(found)
    return found


def _interactions(looks: Sequence[Look]) -> tuple[Look, Roles]:
    named = [(look, roles) for look in looks if (roles := roles_by_name(look))]
    if not named and len(looks) == 1:
        named = [(look, roles) for look in looks if (roles := roles_by_place(look))]
    if not named:
        columns = "; ".join(f"{look.path.name}: {', '.join(look.file.columns)}" for look in looks)
        raise InputError(
            f"no file with a user and an item column was found ({columns})",
            "Give the file of ratings, plays or purchases too; or write the mapping by hand, "
            "see docs/sources.md.",
        )
    return max(named, key=lambda one: _like_interactions(*one))


def _like_interactions(look: Look, roles: Roles) -> tuple[bool, bool, int]:
    """Ratings first; then what has no other text (tags have); then the larger file."""
    rest = [c for c in look.columns if c.name not in roles.used and c.numbers is None]
    return roles.rating is not None, not rest, look.path.stat().st_size


def _titled(look: Look) -> bool:
    return any(column.words & set(_TITLES) for column in look.columns)


def _placed(found: Guess, look: Look) -> bool:
    """Whether the file holds items, users or pairs, and is taken in."""
    key = _other_key(look, found.items)
    item = key or _joining(look, found.roles.item)
    user = _joining(look, found.roles.user)
    if item is not None and item.unique and found.items is None:
        found.items = _things(look, item, title=True)
    elif user is not None and user.unique and found.users is None:
        found.users = _things(look, user, title=False)
    elif item is not None and not item.unique and (pairs := _pairs(look, item, user)):
        pairs.key = key.name if key else None
        found.pairs.append(pairs)
    else:
        return False
    return True


def _name_values(found: Guess, look: Look) -> None:
    """Take a file in that says how the values of pairs are called, else note it as unused."""
    for pairs in found.pairs:
        name = pairs.value.column.name
        column = next((one for one in look.columns if one.name == name), None)
        if pairs.names is None and column is not None and column.unique and len(look.columns) > 1:
            pairs.names = _things(look, column, title=True)
            return
    found.unused.append(f"{look.path.name}: no items, users, or pairs of item and value")


def _column(look: Look, name: str) -> Column:
    return next(column for column in look.columns if column.name == name)


def _other_key(look: Look, items: Things | None) -> Column | None:
    """A column with other ids of the items: it stands in their file too, under the same name."""
    if items is None or items.id.name in look.file.columns:
        return None
    keys = {one.column.name for one in items.others if one.column.unique}
    found = [column for column in look.columns if column.name in keys and "id" in column.words]
    return found[0] if found else None


def _joining(look: Look, wanted: Column) -> Column | None:
    """The column with the ids of ``wanted``: of the same name, or alike in name and values.

    Small numbers occur in all id columns, so values alone say nothing about them.
    """
    if wanted.name in look.file.columns:
        return _column(look, wanted.name)
    meant = wanted.words - ID_WORDS
    file = {singular(word) for word in words(look.path.name.split(".")[0])}
    about = bool(file & meant) or meant == {"item"} or wanted.numbers is None
    known = set(wanted.values.dropna())
    for column in look.columns:
        alike = column.words & meant or (about and column.words <= ID_WORDS)
        if alike and not column.is_list and column.values.isin(known).mean() >= 0.3:
            return column
    return None


def _things(look: Look, id: Column, title: bool) -> Things:
    rest = [column for column in look.columns if column.name != id.name]
    named = [c for c in rest if c.words & set(_TITLES) and c.numbers is None and not c.is_list]
    name = min(named, key=lambda c: (len(c.words), not c.words & {"title"}), default=None)
    others = [leftover(c, title) for c in rest if name is None or c.name != name.name]
    return Things(look, id, name, others)


def _pairs(look: Look, item: Column, user: Column | None) -> Pairs | None:
    taken = {item.name, user.name if user else ""}
    time = next((c for c in look.columns if c.time is not None and c.name not in taken), None)
    taken |= {time.name} if time else set()
    rest = [column for column in look.columns if column.name not in taken]
    values = [column for column in rest if column.numbers is None] or rest
    if not values:
        return None
    why = "each row is one value of an item"
    return Pairs(look, item, Leftover(values[0], "knowledge", why, values[0].separator), time)


def leftover(column: Column, items: bool) -> Leftover:
    """What a column of items (or users) becomes. Users have properties only."""
    if column.values.isna().all():
        return Leftover(column, "unused", "no values in the first rows")
    if column.is_list:
        return Leftover(column, "knowledge" if items else "unused", "lists")
    if column.numbers is not None:
        whole = str(column.numbers.dtype) == "Int64"
        return Leftover(column, "property", "whole numbers" if whole else "numbers")
    if column.is_boolean:
        return Leftover(column, "property", "true or false")
    return _of_text(column, items)


def _of_text(column: Column, items: bool) -> Leftover:
    if column.values.str.len().mean() > _LONG_TEXT:
        return Leftover(column, "unused", "long texts")
    if items and column.separator:
        return Leftover(column, "knowledge", "several values in a field", column.separator)
    known = bool({singular(word) for word in column.words} & _KNOWLEDGE)
    if items and (known or (column.repeats and column.time is None)):
        why = "its name" if known else "few values for many rows"
        return Leftover(column, "knowledge", why)
    return Leftover(column, "property", "dates, kept as text" if column.time else "texts")


def _from_interactions(found: Guess) -> None:
    """Columns of the interactions that belong to the item, or to the user."""
    head, roles = found.look.head, found.roles
    rest = [column for column in found.look.columns if column.name not in roles.used]
    of_items, of_users = [], []
    for column in rest:
        if column.is_list:
            found.unused.append(f"{column.name!r} of {found.look.path.name}: lists")
        elif _depends(head, column, roles.item):
            of_items.append(column)
        elif _depends(head, column, roles.user):
            of_users.append(column)
        else:
            found.unused.append(
                f"{column.name!r} of {found.look.path.name}: says something about the row itself"
            )
    if of_items and found.items is None:
        found.items = _among(found.look, roles.item, of_items, title=True)
    if of_users and found.users is None:
        found.users = _among(found.look, roles.user, of_users, title=False)


def _among(look: Look, id: Column, columns: list[Column], title: bool) -> Things:
    things = _things(look, id, title)
    names = {column.name for column in columns}
    things.others = [one for one in things.others if one.column.name in names]
    if things.title is not None and things.title.name not in names:
        things.title = None
    return things


def _depends(head: pd.DataFrame, column: Column, key: Column) -> bool:
    """Whether one value of ``key`` always comes with one value of the column."""
    pairs = head[[key.name, column.name]].dropna()
    kinds = pairs.groupby(key.name)[column.name].nunique()
    rows = pairs.groupby(key.name).size()
    several = kinds[rows > 1]
    named = bool(column.words & (set(_TITLES) | _KNOWLEDGE))
    return len(several) >= (1 if named else 5) and bool((several == 1).mean() >= 0.95)
