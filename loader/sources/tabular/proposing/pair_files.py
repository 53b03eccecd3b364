"""Files of items and values: which column is the value, what its ids are called, and its role."""

from __future__ import annotations

from collections.abc import Sequence

from .columns import Column
from .file_roles import FileRoles, Pairs
from .first_rows import FileSample
from .matching_columns import joining, meets, overlap, same_places
from .node_columns import NodeColumns, OtherColumn, other_column, title_of
from .vocabulary import IDS, ITEMS, KNOWLEDGE, NAMES, PERSONS, ROLES, USERS, meant_nodes


def item_column(found: FileRoles, sample: FileSample) -> tuple[Column, str | None] | None:
    """The column of a file that says which item a row is about, and its name as a second key."""
    items = found.items
    if items is not None and not any(c.name == items.id.name for c in sample.columns):
        keys = [one.column for one in items.others if one.column.unique]
        for column in sample.columns if sample.has_header else ():
            if "id" in column.words and any(key.name == column.name for key in keys):
                return column, column.name
    _, own = user_and_item(found, sample)
    return (own, None) if own is not None else None


def user_and_item(found: FileRoles, sample: FileSample) -> tuple[Column | None, Column | None]:
    """The columns of a file that mean the users and the items of the interactions."""
    wanted = (found.roles.user.column, found.roles.item.column)
    if placed := same_places(sample, found.sample, wanted):
        return placed[0], placed[1]
    user = joining(sample, wanted[0], found.sample, USERS)
    item = joining(sample, wanted[1], found.sample, ITEMS)
    return (None if user is item else user), item


def link_values(found: FileRoles, sample: FileSample, named: Sequence[FileSample]) -> None:
    """Take in a file of items and values: each of its columns with knowledge."""
    place = item_column(found, sample)
    assert place is not None
    item, key = place
    user, _ = user_and_item(found, sample)
    rest = [c for c in sample.columns if c.name not in (item.name, user.name if user else "")]
    time = next((c for c in rest if c.time is not None), None) if user or len(rest) > 1 else None
    rest = [column for column in rest if column is not time]
    values = _values(found, sample, item, rest, named)
    taken = {value.column.name for value in values}
    people = any(value.column.words & PERSONS for value in values)
    roles = [c for c in rest if c.name not in taken and _says_role(c, people)]
    for value in values:
        names = _names(sample, value.column, named) or _named_beside(sample, value.column)
        about = roles if len(values) == 1 else []
        found.pairs.append(Pairs(sample, item, value, time, key, about, names))
    if not values:
        found.leave_out(sample, None, "about items, but no values that could be knowledge")
    elif user is not None:
        found.leave_out(sample, user.name, "who said it is not kept with knowledge")


def name_columns(found: FileRoles, named: Sequence[FileSample]) -> None:
    """Names for ids among the items' own columns, such as ``brand_id``."""
    if found.items is None:
        return
    sample, others = found.items.sample, found.items.others
    for place, one in enumerate(others):
        ids = bool(one.column.words & IDS) or one.use == "knowledge"
        beside = _named_beside(sample, one.column) if one.use == "knowledge" else None
        if ids and (names := _names(sample, one.column, named) or beside):
            found.names[one.column.name] = names
            others[place] = _named_ids(one.column)
    own = {one.title.name for one in found.names.values() if one.sample is sample and one.title}
    found.items.others = [one for one in others if one.column.name not in own]


def all_names(found: FileRoles) -> list[NodeColumns | None]:
    return [*(one.names for one in found.pairs), *found.names.values()]


def _says_role(column: Column, people: bool = False) -> bool:
    """Whether it says how an item and a value belong together; people have categories."""
    wanted = ROLES | {"category"} if people else ROLES
    return bool(column.words & wanted) and not column.is_list and not column.present.empty


def _values(
    found: FileRoles,
    sample: FileSample,
    item: Column,
    rest: list[Column],
    named: Sequence[FileSample],
) -> list[OtherColumn]:
    """The columns whose values are knowledge; else the one that most likely is."""
    others = [column for column in rest if not _means_items(found, column)]
    joined = [c for c in others if any(meets(sample, c, names) for names in named)]
    if joined:
        joined = [c for c in joined if not _says_role(c)] or joined[:1]
        return [_named_ids(column) for column in joined]
    kinds = [other_column(column, items=True) for column in others]
    kinds = [one for one in kinds if one.use == "knowledge"]
    named_so = [one for one in kinds if one.column.words & (KNOWLEDGE | PERSONS) - ROLES]
    if any(one.column.words & PERSONS for one in named_so):
        named_so = [one for one in named_so if not _says_role(one.column, people=True)]
    named_so = [one for one in named_so if not _names_beside(one.column, named_so)]
    listed = [one for one in kinds if one.is_list or one.separator]
    if named_so or listed:
        return list(dict.fromkeys([*named_so, *listed]))
    free = [c for c in others if not c.present.empty and not _says_role(c) and c.length <= 100]
    known = [c for c in free if _says_more(c, item)]
    texts = [column for column in known if column.is_text or column.is_list]
    best = max(texts or known, key=_value_points, default=None)
    if best is None or (best.numbers is not None and not best.words & IDS and sample.has_header):
        return []
    why = "each row is one value of an item"
    sure = bool(best.words & (KNOWLEDGE | PERSONS))
    separator = best.separator[0] if best.separator else None
    return [OtherColumn(best, "knowledge", why, separator, sure)]


def _named_ids(column: Column) -> OtherColumn:
    separator = column.separator[0] if column.separator else None
    return OtherColumn(column, "knowledge", "ids that another file names", separator)


def _says_more(column: Column, item: Column) -> bool:
    """Whether it is something else than a second id of the item, one to one."""
    return min(column.share, item.share) < 0.95 or bool(column.words & (KNOWLEDGE | PERSONS))


def _value_points(column: Column) -> int:
    known = bool(column.words & (KNOWLEDGE | PERSONS))
    return 4 * known + 2 * bool(column.words & IDS) + bool(column.words & NAMES)


def _means_items(found: FileRoles, column: Column) -> bool:
    """Whether its values are items as well: two items, and no item and value."""
    if not column.words & ITEMS or column.is_list:
        return False
    item = found.items.id if found.items else found.roles.item.column
    return bool(column.words & meant_nodes(item.name)) and overlap(column, item) >= 0.5


def _names_beside(column: Column, others: Sequence[OtherColumn]) -> bool:
    """Whether a column only says what the ids of another one are called."""
    meant = meant_nodes(column.name)
    return bool(column.words & NAMES) and any(
        one.column.words & IDS and meant_nodes(one.column.name) == meant for one in others
    )


def _named_beside(sample: FileSample, value: Column) -> NodeColumns | None:
    """The names of the ids of a column, where they are in the same file."""
    if not value.words & IDS:
        return None
    meant = meant_nodes(value.name)
    beside = [c for c in sample.columns if c.words & NAMES and meant_nodes(c.name) == meant]
    return NodeColumns(sample, value, beside[0]) if beside else None


def _names(sample: FileSample, value: Column, named: Sequence[FileSample]) -> NodeColumns | None:
    """The file that says what the values of a column are called."""
    for names in named:
        id = meets(sample, value, names)
        if id is None:
            continue
        title, sure = title_of(names, id, [c for c in names.columns if c is not id])
        texts = [c for c in names.columns if c is not id and c.is_text]
        if title is None and texts:
            title, sure = max(texts, key=lambda column: column.share), False
        if title is not None:
            return NodeColumns(names, id, title, sure)
    return None
