"""What each file of a proposal is, and what becomes of all of its columns."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from .....errors import InputError
from .column_roles import ColumnRoles, roles_by_name, roles_by_place, swapped
from .columns import Column
from .file_roles import FileRoles, Pairs
from .first_rows import FileSample
from .matching_columns import joining, overlap
from .node_columns import NodeColumns, is_titled, node_columns, surely_titled
from .pair_files import all_names, item_column, link_values, name_columns, user_and_item
from .repeated_ids import has_row_per_id, repeated_rows, varying
from .vocabulary import ITEMS, KNOWLEDGE, NAMES, NOT_ITEMS, RATINGS, USERS


def classify(samples: Sequence[FileSample]) -> FileRoles:
    """Tell interactions, items, users and pairs apart.

    :raises InputError: when no file has columns that could be users and items.
    """
    sample, roles = _interactions(samples)
    found = FileRoles(sample, roles)
    others = [other for other in samples if other is not sample]
    others = [one for one in others if not _other_interactions(found, one)]
    others = _placed(found, others, items=True)
    others = _placed(found, others, items=False)
    linked = [other for other in others if item_column(found, other)]
    named = [other for other in others if other not in linked]
    for other in linked:
        link_values(found, other, named)
    name_columns(found, named)
    for other in named:
        if not any(names is not None and names.sample is other for names in all_names(found)):
            found.leave_out(other, None, "no items, users, or pairs of item and value")
    _from_interactions(found)
    _note_unused(found)
    return found


def _interactions(samples: Sequence[FileSample]) -> tuple[FileSample, ColumnRoles]:
    named = [(sample, roles) for sample in samples if (roles := roles_by_name(sample))]
    named = [one for one in named if not _one_row_each(*one)] or named
    if not named:
        placed = [(sample, roles) for sample in samples if (roles := roles_by_place(sample))]
        named = [one for one in placed if len(samples) == 1 or _may_be_by_place(*one)]
        more = [one for one in named if not _one_row_each(*one)]
        named = more if len(samples) > 1 else named
    if not named:
        columns = "; ".join(
            f"{sample.name}: {', '.join(sample.file.columns)}" for sample in samples
        )
        raise InputError(
            f"no file with a user and an item column was found ({columns})",
            "Give the file of ratings, plays or purchases too; or write the mapping by hand, "
            "see docs/sources.md.",
        )
    sample, roles = max(named, key=lambda one: _like_interactions(*one))
    return sample, roles if roles.is_sure else _turned(sample, roles, samples)


def _may_be_by_place(sample: FileSample, roles: ColumnRoles) -> bool:
    """Whether places count though there are several files: names say nothing, or a basket."""
    return not sample.has_header or bool(roles.user.column.words & NOT_ITEMS)


def _one_row_each(sample: FileSample, roles: ColumnRoles) -> bool:
    """Whether it is a table of items or of users: one row each, and nothing that was done."""
    done = any(one is not None for one in (roles.rating, roles.time, *roles.counts))
    one_each = roles.user.column.unique or roles.item.column.unique
    return one_each and not done and len(sample.head) > 2


def _like_interactions(sample: FileSample, roles: ColumnRoles) -> tuple[bool, bool, bool, int]:
    """Ratings first; then what has no other text (tags have); then the larger file."""
    rest = [c for c in sample.columns if c.name not in roles.used]
    rest = [column for column in rest if column.is_text or column.words & KNOWLEDGE]
    timed = roles.time is not None or not sample.has_header
    return roles.rating is not None, not rest, timed, sample.size


def _turned(sample: FileSample, roles: ColumnRoles, samples: Sequence[FileSample]) -> ColumnRoles:
    """User and item by what other files say, where place alone would say it."""
    if roles.user.sure or roles.item.sure:
        return roles
    user, item = (
        [_is_about(other, choice.column) for other in samples if other is not sample]
        for choice in (roles.user, roles.item)
    )
    if any(user) and not any(item):
        return swapped(sample, roles, "its values are in a file of items")
    return roles


def _is_about(sample: FileSample, column: Column) -> bool:
    """Whether a file has one row, with a title, for each value of a column."""
    if sample.about & USERS and not sample.about & ITEMS:
        return False
    ids = [c for c in sample.columns[:1] if c.share > 0.9 and overlap(c, column) >= 0.5]
    return bool(ids) and is_titled(sample, ids[0])


def _other_interactions(found: FileRoles, sample: FileSample) -> bool:
    """Whether it is another file of interactions: users and items, and no text."""
    user, item = user_and_item(found, sample)
    if user is None or item is None:
        return False
    rest = [c for c in sample.columns if c.name not in (user.name, item.name)]
    if any((c.is_text and c.time is None) or c.is_list for c in rest):
        return False
    if any(c.words & KNOWLEDGE for c in rest) or (item.unique and rest):
        return False
    found.leave_out(sample, None, "another file of users and items; a mapping reads one")
    return True


def _placed(found: FileRoles, samples: list[FileSample], items: bool) -> list[FileSample]:
    """Take the file of items (or users) in; the files that are left."""
    role, choice = (ITEMS, found.roles.item) if items else (USERS, found.roles.user)
    fits: list[tuple[tuple[bool, bool, bool, bool, int], FileSample, Column]] = []
    for sample in samples:
        id = joining(sample, choice.column, found.sample, role)
        if id is not None and has_row_per_id(sample, id, pairs=items):
            titled = (surely_titled(sample, id), is_titled(sample, id))
            about = bool(sample.about & role)
            fits.append(((*titled, id.unique, about, len(sample.columns)), sample, id))
    if not fits:
        return samples
    _, best, key = max(fits, key=lambda one: one[0])
    taken = node_columns(best, key, best.columns, items)
    taken.repeated = repeated_rows(best, key)
    if items:
        found.items = taken
        _take_apart(found, taken)
    else:
        found.users = taken
    return [other for other in samples if other is not best]


def _take_apart(found: FileRoles, items: NodeColumns) -> None:
    """Knowledge with several rows per item, where each row repeats all else, as pairs."""
    several = varying(items.sample, items.id) if items.repeated else set()
    for one in list(items.others):
        if one.use == "knowledge" and one.column.name in several:
            items.others.remove(one)
            found.pairs.append(Pairs(items.sample, items.id, one))


def _from_interactions(found: FileRoles) -> None:
    """Columns of the interactions that belong to the item, or to the user."""
    sample, roles = found.sample, found.roles
    rest = [column for column in sample.columns if column.name not in roles.used]
    of_items, of_users = [], []
    for column in rest:
        if column.is_list:
            found.leave_out(sample, column.name, "lists")
        elif column.present.nunique() == 1 and len(sample.head) >= 20:
            found.leave_out(sample, column.name, "the same value in each row")
        elif _depends(sample.head, column, roles.item.column):
            of_items.append(column)
        elif _depends(sample.head, column, roles.user.column):
            of_users.append(column)
        elif column.words & RATINGS and column.is_text:
            why = f"called a rating, but '{column.present.iloc[0]}' is not a number"
            found.leave_out(sample, column.name, why)
        else:
            found.leave_out(sample, column.name, "it says something about the row itself")
    if of_items and found.items is None:
        found.items = _own_nodes(sample, roles.item.column, of_items, items=True)
    elif of_items:
        _leave_columns(found, of_items, "the items have a file of their own")
    if of_users and found.users is None:
        found.users = _own_nodes(sample, roles.user.column, of_users, items=False)
    elif of_users:
        _leave_columns(found, of_users, "the users have a file of their own")


def _own_nodes(sample: FileSample, id: Column, columns: list[Column], items: bool) -> NodeColumns:
    """Items or users among the interactions' columns, one row for each."""
    once = sample.head.drop_duplicates(id.name)
    own = Column(id.name, once[id.name])
    return node_columns(
        sample, own, [Column(column.name, once[column.name]) for column in columns], items
    )


def _leave_columns(found: FileRoles, columns: list[Column], why: str) -> None:
    for column in columns:
        found.leave_out(found.sample, column.name, why)


def _depends(head: pd.DataFrame, column: Column, key: Column) -> bool:
    """Whether one value of ``key`` always comes with one value of the column."""
    pairs = head[[key.name, column.name]].dropna()
    kinds = pairs.groupby(key.name)[column.name].nunique()
    rows = pairs.groupby(key.name).size()
    several = kinds[rows > 1]
    named = bool(column.words & (NAMES | KNOWLEDGE | {"description"}))
    return len(several) >= (1 if named else 5) and bool((several == 1).mean() >= 0.95)


def _note_unused(found: FileRoles) -> None:
    """A line for each column that nothing has taken, and why."""
    for count in found.roles.counts:
        found.leave_out(found.sample, count.column.name, count.why)
    tables = [one for one in (found.items, found.users) if one is not None]
    for one in tables:
        for other in one.others:
            if other.use == "unused":
                found.leave_out(one.sample, other.column.name, other.why)
    names = [one for one in all_names(found) if one is not None]
    others = [pairs.sample for pairs in found.pairs]
    _leave_others(found, others, "neither an item, nor its value, nor a role")
    _leave_others(found, [one.sample for one in names], "of this file only the names are read")
    samples = [
        found.sample,
        *(one.sample for one in tables),
        *others,
        *(one.sample for one in names),
    ]
    for sample in dict.fromkeys(samples):
        for name in sample.unnamed:
            what = f"the name '{name}' occurs twice in the header" if name else "it has no name"
            found.leave_out(sample, name, what)


def _leave_others(found: FileRoles, samples: Sequence[FileSample], why: str) -> None:
    """Note the columns of these files that are not used and not mentioned yet."""
    said = "\n".join(found.unused)
    takers = [found.items, found.users, *found.pairs, *all_names(found)]
    for sample in dict.fromkeys(samples):
        used = {
            name for one in takers if one is not None and one.sample is sample for name in one.used
        }
        for column in sample.columns:
            if column.name not in used and f"'{column.name}' of {sample.name}:" not in said:
                found.leave_out(sample, column.name, why)
