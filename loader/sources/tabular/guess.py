"""What each file of a proposal is, and what becomes of all of its columns."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from ....errors import InputError
from .columns import Column
from .first_rows import Look
from .found import Guess, Pairs
from .joins import joining, overlap
from .leftovers import Things, is_titled, surely_titled, things
from .links import all_names, item_column, link_values, name_columns, user_and_item
from .repeated import like_things, repeated_rows, varying
from .roles import Roles, roles_by_name, roles_by_place, swapped
from .vocabulary import ITEMS, KNOWLEDGE, NAMES, NOT_ITEMS, RATINGS, USERS


def guess(looks: Sequence[Look]) -> Guess:
    """Tell interactions, items, users and pairs apart.

    :raises InputError: when no file has columns that could be users and items.
    """
    look, roles = _interactions(looks)
    found = Guess(look, roles)
    others = [other for other in looks if other is not look]
    others = [one for one in others if not _other_interactions(found, one)]
    others = _placed(found, others, items=True)
    others = _placed(found, others, items=False)
    linked = [other for other in others if item_column(found, other)]
    named = [other for other in others if other not in linked]
    for other in linked:
        link_values(found, other, named)
    name_columns(found, named)
    for other in named:
        if not any(names is not None and names.look is other for names in all_names(found)):
            found.leave_out(other, None, "no items, users, or pairs of item and value")
    _from_interactions(found)
    _note_unused(found)
    return found


def _interactions(looks: Sequence[Look]) -> tuple[Look, Roles]:
    named = [(look, roles) for look in looks if (roles := roles_by_name(look))]
    named = [one for one in named if not _one_row_each(*one)] or named
    if not named:
        placed = [(look, roles) for look in looks if (roles := roles_by_place(look))]
        named = [one for one in placed if len(looks) == 1 or _may_be_by_place(*one)]
        more = [one for one in named if not _one_row_each(*one)]
        named = more if len(looks) > 1 else named
    if not named:
        columns = "; ".join(f"{look.name}: {', '.join(look.file.columns)}" for look in looks)
        raise InputError(
            f"no file with a user and an item column was found ({columns})",
            "Give the file of ratings, plays or purchases too; or write the mapping by hand, "
            "see docs/sources.md.",
        )
    look, roles = max(named, key=lambda one: _like_interactions(*one))
    return look, roles if roles.is_sure else _turned(look, roles, looks)


def _may_be_by_place(look: Look, roles: Roles) -> bool:
    """Whether places count though there are several files: names say nothing, or a basket."""
    return not look.has_header or bool(roles.user.column.words & NOT_ITEMS)


def _one_row_each(look: Look, roles: Roles) -> bool:
    """Whether it is a table of items or of users: one row each, and nothing that was done."""
    done = any(one is not None for one in (roles.rating, roles.time, *roles.counts))
    one_each = roles.user.column.unique or roles.item.column.unique
    return one_each and not done and len(look.head) > 2


def _like_interactions(look: Look, roles: Roles) -> tuple[bool, bool, bool, int]:
    """Ratings first; then what has no other text (tags have); then the larger file."""
    rest = [c for c in look.columns if c.name not in roles.used]
    rest = [column for column in rest if column.is_text or column.words & KNOWLEDGE]
    timed = roles.time is not None or not look.has_header
    return roles.rating is not None, not rest, timed, look.size


def _turned(look: Look, roles: Roles, looks: Sequence[Look]) -> Roles:
    """User and item by what other files say, where place alone would say it."""
    if roles.user.sure or roles.item.sure:
        return roles
    user, item = (
        [_is_about(other, choice.column) for other in looks if other is not look]
        for choice in (roles.user, roles.item)
    )
    if any(user) and not any(item):
        return swapped(look, roles, "its values are in a file of items")
    return roles


def _is_about(look: Look, column: Column) -> bool:
    """Whether a file has one row, with a title, for each value of a column."""
    if look.about & USERS and not look.about & ITEMS:
        return False
    ids = [c for c in look.columns[:1] if c.share > 0.9 and overlap(c, column) >= 0.5]
    return bool(ids) and is_titled(look, ids[0])


def _other_interactions(found: Guess, look: Look) -> bool:
    """Whether it is another file of interactions: users and items, and no text."""
    user, item = user_and_item(found, look)
    if user is None or item is None:
        return False
    rest = [c for c in look.columns if c.name not in (user.name, item.name)]
    if any((c.is_text and c.time is None) or c.is_list for c in rest):
        return False
    if any(c.words & KNOWLEDGE for c in rest) or (item.unique and rest):
        return False
    found.leave_out(look, None, "another file of users and items; a mapping reads one")
    return True


def _placed(found: Guess, looks: list[Look], items: bool) -> list[Look]:
    """Take the file of items (or users) in; the files that are left."""
    role, choice = (ITEMS, found.roles.item) if items else (USERS, found.roles.user)
    fits: list[tuple[tuple[bool, bool, bool, bool, int], Look, Column]] = []
    for look in looks:
        id = joining(look, choice.column, found.look, role)
        if id is not None and like_things(look, id, pairs=items):
            titled = (surely_titled(look, id), is_titled(look, id))
            about = bool(look.about & role)
            fits.append(((*titled, id.unique, about, len(look.columns)), look, id))
    if not fits:
        return looks
    _, best, key = max(fits, key=lambda one: one[0])
    taken = things(best, key, best.columns, items)
    taken.repeated = repeated_rows(best, key)
    if items:
        found.items = taken
        _take_apart(found, taken)
    else:
        found.users = taken
    return [other for other in looks if other is not best]


def _take_apart(found: Guess, items: Things) -> None:
    """Knowledge of which an item has several rows, each with all else again, as pairs."""
    several = varying(items.look, items.id) if items.repeated else set()
    for one in list(items.others):
        if one.use == "knowledge" and one.column.name in several:
            items.others.remove(one)
            found.pairs.append(Pairs(items.look, items.id, one))


def _from_interactions(found: Guess) -> None:
    """Columns of the interactions that belong to the item, or to the user."""
    look, roles = found.look, found.roles
    rest = [column for column in look.columns if column.name not in roles.used]
    of_items, of_users = [], []
    for column in rest:
        if column.is_list:
            found.leave_out(look, column.name, "lists")
        elif column.present.nunique() == 1 and len(look.head) >= 20:
            found.leave_out(look, column.name, "the same value in each row")
        elif _depends(look.head, column, roles.item.column):
            of_items.append(column)
        elif _depends(look.head, column, roles.user.column):
            of_users.append(column)
        elif column.words & RATINGS and column.is_text:
            why = f"called a rating, but '{column.present.iloc[0]}' is no number"
            found.leave_out(look, column.name, why)
        else:
            found.leave_out(look, column.name, "it says something about the row itself")
    if of_items and found.items is None:
        found.items = _own_things(look, roles.item.column, of_items, items=True)
    elif of_items:
        _leave_columns(found, of_items, "the items have a file of their own")
    if of_users and found.users is None:
        found.users = _own_things(look, roles.user.column, of_users, items=False)
    elif of_users:
        _leave_columns(found, of_users, "the users have a file of their own")


def _own_things(look: Look, id: Column, columns: list[Column], items: bool) -> Things:
    """Items or users among the interactions' columns, looked at once each."""
    once = look.head.drop_duplicates(id.name)
    own = Column(id.name, once[id.name])
    return things(look, own, [Column(column.name, once[column.name]) for column in columns], items)


def _leave_columns(found: Guess, columns: list[Column], why: str) -> None:
    for column in columns:
        found.leave_out(found.look, column.name, why)


def _depends(head: pd.DataFrame, column: Column, key: Column) -> bool:
    """Whether one value of ``key`` always comes with one value of the column."""
    pairs = head[[key.name, column.name]].dropna()
    kinds = pairs.groupby(key.name)[column.name].nunique()
    rows = pairs.groupby(key.name).size()
    several = kinds[rows > 1]
    named = bool(column.words & (NAMES | KNOWLEDGE | {"description"}))
    return len(several) >= (1 if named else 5) and bool((several == 1).mean() >= 0.95)


def _note_unused(found: Guess) -> None:
    """A line for each column that nothing has taken, and why."""
    for count in found.roles.counts:
        found.leave_out(found.look, count.column.name, count.why)
    tables = [one for one in (found.items, found.users) if one is not None]
    for one in tables:
        for other in one.others:
            if other.use == "unused":
                found.leave_out(one.look, other.column.name, other.why)
    names = [one for one in all_names(found) if one is not None]
    others = [pairs.look for pairs in found.pairs]
    _leave_others(found, others, "neither an item, nor its value, nor a role")
    _leave_others(found, [one.look for one in names], "of this file only the names are read")
    looks = [found.look, *(one.look for one in tables), *others, *(one.look for one in names)]
    for look in dict.fromkeys(looks):
        for name in look.unnamed:
            what = f"the name '{name}' stands twice in the header" if name else "it has no name"
            found.leave_out(look, name, what)


def _leave_others(found: Guess, looks: Sequence[Look], why: str) -> None:
    """Note the columns of these files that nobody uses and nothing is said of."""
    said = "\n".join(found.unused)
    takers = [found.items, found.users, *found.pairs, *all_names(found)]
    for look in dict.fromkeys(looks):
        used = {name for one in takers if one is not None and one.look is look for name in one.used}
        for column in look.columns:
            if column.name not in used and f"'{column.name}' of {look.name}:" not in said:
                found.leave_out(look, column.name, why)
