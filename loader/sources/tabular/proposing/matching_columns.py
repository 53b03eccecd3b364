"""Which column of one file means what a column of another file means."""

from __future__ import annotations

from .column_roles import id_points
from .columns import Column
from .first_rows import FileSample
from .vocabulary import IDS, ITEMS, NAMES, PERSONS, USERS, meant_nodes

_OVERLAP = 0.3  # share of equal values from which columns that are called alike are joined
_SURE_OVERLAP = 0.5  # the same, where names say nothing


def joining(
    sample: FileSample, wanted: Column, of: FileSample, role: frozenset[str]
) -> Column | None:
    """The column with the ids of ``wanted``: of the same name, or alike in name and values.

    Small numbers occur in all id columns, so values alone say nothing where there are names.
    """
    if not sample.has_header or not of.has_header:
        return _by_values(sample, wanted, role)
    same = [c for c in sample.columns if c.words == wanted.words and not c.is_list]
    exact = next((column for column in same if column.name == wanted.name), None)
    if exact or same:
        return exact or same[0]
    meant = meant_nodes(wanted.name)
    about = bool(sample.about & meant) or meant == {"item"} or wanted.numbers is None
    for column in sample.columns:
        named = column.words & meant and column.words <= meant | IDS | NAMES
        alike = named or (about and column.words <= IDS)
        if alike and not column.is_list and overlap(column, wanted) >= _OVERLAP:
            return column
    return None


def same_places(
    sample: FileSample, of: FileSample, wanted: tuple[Column, Column]
) -> tuple[Column, ...]:
    """User and item of a file without a header, in the same places as in the interactions.

    Of small numbers values alone cannot tell which is which, so the place does.
    """
    if sample.has_header or of.has_header or sample.about & PERSONS:
        return ()
    places = [of.columns.index(column) for column in wanted]
    if max(places) >= len(sample.columns):
        return ()
    found = tuple(sample.columns[place] for place in places)
    alike = [overlap(mine, theirs) for mine, theirs in zip(found, wanted, strict=True)]
    return found if min(alike) >= _SURE_OVERLAP else ()


def overlap(column: Column, wanted: Column) -> float:
    """Share of the values that both have, of the column that has fewer."""
    mine, theirs = column.ids, wanted.ids
    smaller = min(len(mine), len(theirs))
    return len(mine & theirs) / smaller if smaller else 0.0


def _by_values(sample: FileSample, wanted: Column, role: frozenset[str]) -> Column | None:
    """For a file without a header: its first id column that has the values.

    Where the file's name says users or items, it is about no other.
    """
    other = USERS if role is ITEMS else ITEMS
    if sample.about & other and not sample.about & role:
        return None
    for column in sample.columns:
        likely = not sample.has_header or id_points(column, role) > 0 or column.words <= IDS
        if (
            likely
            and not column.is_list
            and column.time is None
            and (overlap(column, wanted) >= _SURE_OVERLAP)
        ):
            return column
        if column.share == 1.0:
            return None
    return None


def meets(sample: FileSample, value: Column, names: FileSample) -> Column | None:
    """The id column of ``names`` that the values of ``value`` are, if it has one row each."""
    for column in names.columns:
        if column.is_list or column.share < 1.0 or len(names.columns) < 2:
            continue
        if not sample.has_header or not names.has_header:
            alike, least = True, 0.8
        else:
            same = column.words == value.words
            meant = meant_nodes(value.name)
            people = bool(value.words & PERSONS and names.about & PERSONS)
            of_file = column.words <= IDS and (people or bool(meant & names.about))
            alike = same or of_file or (bool(meant) and meant_nodes(column.name) == meant)
            least = 0.0 if column.name == value.name else _OVERLAP
            if not alike and column.is_code:
                alike, least = True, _SURE_OVERLAP
        if alike and overlap(value, column) >= least:
            return column
    return None
