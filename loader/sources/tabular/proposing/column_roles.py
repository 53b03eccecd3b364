"""Which column is the user, the item, the rating and the time: by names first, then by values.

Each column gets points for being the user's or item's id, and the best one is taken; what is
taken without a name that says so is to be checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .columns import Column
from .first_rows import FileSample
from .vocabulary import (
    COUNTS,
    IDS,
    ITEMS,
    KNOWLEDGE,
    MEASURES,
    NAMES,
    NOT_ITEMS,
    NOT_TIMES,
    OWN_IDS,
    PERSONS,
    RATINGS,
    ROLES,
    SCHEMES,
    TIMES,
    USERS,
)

_FEW_ROWS = 20
_ENOUGH = 2  # points that make an id by its name
_BY_NAME = "by its name"
_BY_PLACE = "by its place"


@dataclass(frozen=True)
class RoleChoice:
    """A column, why it was chosen, and whether the evidence is good."""

    column: Column
    why: str
    sure: bool = True


@dataclass(frozen=True)
class ColumnRoles:
    """Columns of an interactions file; None for what it has not."""

    user: RoleChoice
    item: RoleChoice
    rating: RoleChoice | None
    time: RoleChoice | None
    #: numbers about each row that are not ratings, and why
    counts: tuple[RoleChoice, ...]

    @property
    def used(self) -> set[str]:
        chosen = (self.user, self.item, self.rating, self.time, *self.counts)
        return {one.column.name for one in chosen if one is not None}

    @property
    def is_sure(self) -> bool:
        return self.user.sure and self.item.sure


def roles_by_name(sample: FileSample) -> ColumnRoles | None:
    """The roles where names tell user and item apart, else None."""
    user = _best(sample.columns, USERS)
    item = _best((column for column in sample.columns if column != user), ITEMS)
    if user is None or item is None:
        return None
    return _completed(sample, RoleChoice(user, _BY_NAME), RoleChoice(item, _BY_NAME))


def roles_by_place(sample: FileSample) -> ColumnRoles | None:
    """User and item are the first two columns whose values look like ids."""
    user = _best(sample.columns, USERS)
    item = _best((column for column in sample.columns if column != user), ITEMS)
    if any(one is not None and one.unique and len(one.values) > 2 for one in (user, item)):
        return None  # one row each: a table of users or items
    rest = [column for column in _ids_by_place(sample) if column not in (user, item)]
    if user is None and item is not None and (basket := _basket(sample)) is not None:
        why = "there is no user; each of these stands for one"
        return _completed(sample, RoleChoice(basket, why, sure=False), RoleChoice(item, _BY_NAME))
    if (user is None) + (item is None) > len(rest):
        return None
    chosen = []
    for column in (user, item):
        named = column is not None
        chosen.append(RoleChoice(column or rest.pop(0), _BY_NAME if named else _BY_PLACE, named))
    return _completed(sample, *chosen)


def _basket(sample: FileSample) -> Column | None:
    """The id of a basket or session, where nothing says who it was."""
    baskets = [c for c in sample.columns if c.words & NOT_ITEMS - {"row", "index", "event"}]
    return next((c for c in baskets if c.words & IDS and _can_be_id(c) and not c.unique), None)


def _ids_by_place(sample: FileSample) -> list[Column]:
    """Columns that may be ids; without a header their place says more than their values."""
    others = NOT_ITEMS | ROLES | (PERSONS | KNOWLEDGE) - USERS
    free = [c for c in sample.columns if not c.words & others and not _measures(c)]
    if not sample.has_header:
        return [c for c in free if _like_ids(c, few=c is free[0]) or _like_small_ids(c)]
    ids = [column for column in free if _like_ids(column)]
    if len(ids) < 2:
        more = [column for column in free if column not in ids and _like_names(column)]
        ids += sorted(more, key=lambda column: -column.values.nunique())
    return ids


def swapped(sample: FileSample, roles: ColumnRoles, why: str) -> ColumnRoles:
    """With user and item the other way round."""
    user, item = roles.item.column, roles.user.column
    return _completed(sample, RoleChoice(user, why, False), RoleChoice(item, why, False))


def id_points(column: Column, wanted: frozenset[str]) -> int:
    """How well a column's name says that it is the id of one of ``wanted``."""
    about = column.words & wanted
    if not about and column.words >= {"title", "id"} and "item" in wanted:
        about = frozenset({"title"})  # imdb_title_id
    if not about or _measures(column) or column.is_list or column.is_boolean:
        return 0
    has_id = bool(column.words & IDS or about & OWN_IDS)
    rest = column.words - wanted - IDS - NAMES - SCHEMES
    nameless = has_id or not column.words & NAMES
    points = 3 + 3 * has_id - 2 * len(rest) - (not nameless)
    return points - 3 * bool(column.words & NOT_ITEMS)


def _best(columns: Iterable[Column], wanted: frozenset[str]) -> Column | None:
    """The first column with most points, whose values can be ids."""
    points = {column: id_points(column, wanted) for column in columns if _can_be_id(column)}
    best = max(points, key=lambda column: points[column], default=None)
    return best if best is not None and points[best] >= _ENOUGH else None


def _can_be_id(column: Column) -> bool:
    if column.is_list or column.is_boolean or column.present.empty:
        return False
    if column.numbers is not None:
        return bool((column.numbers.dropna() % 1 == 0).all())
    return column.time is None


def _measures(column: Column) -> bool:
    """Whether its name says that it is a number about something: ``num_user_for_reviews``."""
    if column.words & (RATINGS | (MEASURES - IDS)):
        return True
    return bool(column.words & COUNTS - IDS and not column.words & (IDS | USERS | ITEMS))


def _completed(sample: FileSample, user: RoleChoice, item: RoleChoice) -> ColumnRoles:
    rest = [c for c in sample.columns if c.name not in (user.column.name, item.column.name)]
    time = _time(sample, rest)
    rest = [column for column in rest if time is None or column.name != time.column.name]
    rating, counts = _rating(rest, sample.has_header)
    return ColumnRoles(user, item, rating, time, counts)


def _time(sample: FileSample, rest: list[Column]) -> RoleChoice | None:
    times = [c for c in rest if c.time is not None and not c.words & NOT_TIMES]
    named = next((column for column in times if column.words & TIMES), None)
    if named is not None:
        return RoleChoice(named, "by its name and values")
    for column in rest:
        if (
            column.words & TIMES
            and not column.words & NOT_TIMES
            and (good := column.mostly("times"))
        ):
            return RoleChoice(
                good, f"by its name, though '{column.odd(good)}' is not a time", False
            )
    if not times:
        return None
    column = next((one for one in times if one.numbers is not None), times[0])
    assert column.time is not None
    sure = not sample.has_header and column.time.unit in (None, "seconds")
    return RoleChoice(column, "by its values", sure)


def _rating(rest: list[Column], header: bool) -> tuple[RoleChoice | None, tuple[RoleChoice, ...]]:
    """The rating; and what is a count, by its name or, though called a rating, by its values."""
    numbers = [column for column in rest if column.scale is not None]
    counts = [c for c in numbers if c.words & COUNTS and not c.words & RATINGS - {"rate"}]
    found = [RoleChoice(column, "a count, which is not a rating") for column in counts[:1]]
    others = (COUNTS | MEASURES) - {"review", "feedback"}
    named = [c for c in numbers if c.words & RATINGS and not c.words & others]
    named.sort(key=lambda column: (len(column.words), "rating" not in column.words))
    for column in named:
        if column.scale is not None and not column.scale.is_count:
            return RoleChoice(column, _BY_NAME), tuple(found)
        found.append(_count_by_values(column))
    for column in rest:
        if (
            column.words & RATINGS
            and not column.words & others
            and (good := column.mostly("numbers"))
        ):
            why = f"by its name, though '{column.odd(good)}' is not a number"
            return RoleChoice(good, why, sure=False), tuple(found)
    no_rating = COUNTS | IDS | TIMES | MEASURES - {"feedback"}
    free = [c for c in numbers if _like_ratings(c, header) and not c.words & no_rating]
    if not named and free:
        return RoleChoice(free[0], "by its values", sure=False), tuple(found)
    if not found and not header:
        large = [c for c in numbers if c.scale is not None and c.scale.is_count]
        found = [_count_by_values(column) for column in large[:1]]
    return None, tuple(found)


def _count_by_values(column: Column) -> RoleChoice:
    why = f"{column.scale} looks like a count, which is not a rating"
    return RoleChoice(column, why, sure=False)


def _like_ids(column: Column, few: bool = False) -> bool:
    if column.is_list or column.values.isna().any() or column.time is not None:
        return False
    if not few and len(column.values) >= 20 and column.values.nunique() <= 5:
        return False
    if column.numbers is not None:
        return str(column.numbers.dtype) == "Int64" and not _like_ratings(column)
    several = column.separator is not None and column.separator[0].strip() != ","
    return column.is_text and not several and column.length <= 40


def _like_small_ids(column: Column) -> bool:
    whole = column.numbers is not None and _can_be_id(column)
    return whole and column.time is None and column.present.nunique() > 1


def _like_names(column: Column) -> bool:
    return column.is_text and column.repeats and not column.time


def _like_ratings(column: Column, header: bool = True) -> bool:
    numbers = column.numbers
    if numbers is None or (column.unique and (header or len(numbers) >= _FEW_ROWS)):
        return False
    few = 2 <= numbers.nunique() <= 21
    return bool(few and numbers.min() >= 0 and numbers.max() <= 10)
