"""Which column is the user, the item, the rating and the time: by names first, then by values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .looks import Column, Look
from .naming import words

_USERS = frozenset(
    words(
        "user customer member reviewer reader listener account visitor client buyer viewer player "
        "subscriber person student borrower uid"
    )
)
_ITEMS = frozenset(
    words(
        "item movie film product artist book song track album game article business restaurant "
        "recipe anime show series podcast video course hotel place venue sku asin isbn tconst beer "
        "wine paper app story stock iid mid"
    )
)
_NOT_ITEMS = frozenset(words("invoice order transaction session basket event row index"))
_RATINGS = frozenset(words("rating ratings stars score grade overall rate"))
_TIMES = frozenset(words("timestamp time date datetime ts at when created day"))
ID_WORDS = frozenset(words("id key no number code uid iid mid asin isbn sku tconst"))
_COUNTS = frozenset(words("plays playcount count counts clicks views weight quantity listens n"))


@dataclass(frozen=True)
class Roles:
    """Columns of an interactions file and why each was chosen; None for what it has not."""

    user: Column
    item: Column
    rating: Column | None
    time: Column | None
    count: Column | None
    why: dict[str, str]

    @property
    def used(self) -> set[str]:
        chosen = (self.user, self.item, self.rating, self.time, self.count)
        return {column.name for column in chosen if column is not None}


def roles_by_name(look: Look) -> Roles | None:
    """The roles where names tell user and item apart, else None."""
    user = _named(look.columns, _USERS)
    item = _named((column for column in look.columns if column != user), _ITEMS)
    if user is None or item is None:
        return None
    why = {"user": "by its name", "item": "by its name"}
    return _completed(look, user, item, why)


def roles_by_place(look: Look) -> Roles | None:
    """User and item are the first two columns whose values look like ids."""
    texts = [column for column in look.columns if not column.words & _NOT_ITEMS]
    ids = [column for column in texts if _like_ids(column)]
    if len(ids) < 2:
        more = [column for column in texts if column not in ids and _like_names(column)]
        ids += sorted(more, key=lambda column: -column.values.nunique())
    if len(ids) < 2:
        return None
    user = _named(look.columns, _USERS) or ids[0]
    item = _named((column for column in ids if column.name != user.name), _ITEMS)
    item = item or next(column for column in ids if column.name != user.name)
    why = dict.fromkeys(("user", "item"), "by its place: check it")
    return _completed(look, user, item, why)


def _completed(look: Look, user: Column, item: Column, why: dict[str, str]) -> Roles:
    rest = [column for column in look.columns if column.name not in (user.name, item.name)]
    time = next((c for c in rest if c.words & _TIMES and c.time is not None), None)
    if time is None:
        time = next((c for c in rest if c.numbers is not None and c.time is not None), None)
        why["time"] = "by its values"
    else:
        why["time"] = "by its name and values"
    rest = [column for column in rest if time is None or column.name != time.name]
    rating = next((c for c in rest if c.words & _RATINGS and c.numbers is not None), None)
    why["rating"] = "by its name"
    if rating is None:
        others = _COUNTS | ID_WORDS
        rating = next((c for c in rest if _like_ratings(c) and not c.words & others), None)
        why["rating"] = "by its values, check it"
    count = next((c for c in rest if c.words & _COUNTS and c.numbers is not None), None)
    return Roles(user, item, rating, time, None if rating else count, why)


def _named(columns: Iterable[Column], names: frozenset[str]) -> Column | None:
    """The first column with such a name; those that say 'id' come first."""
    found = [column for column in columns if column.words & names and not column.is_list]
    return next(
        (column for column in found if column.words & ID_WORDS), found[0] if found else None
    )


def _like_ids(column: Column) -> bool:
    if column.is_list or column.values.isna().any() or column.time is not None:
        return False
    if len(column.values) >= 20 and column.values.nunique() <= 5:
        return False
    numbers = column.numbers
    if numbers is not None:
        return str(numbers.dtype) == "Int64" and not _like_ratings(column)
    return column.separator is None and float(column.values.str.len().mean()) <= 40


def _like_names(column: Column) -> bool:
    return not column.is_list and column.repeats and column.numbers is None and not column.time


def _like_ratings(column: Column) -> bool:
    numbers = column.numbers
    if numbers is None or column.unique:
        return False
    few = 2 <= numbers.nunique() <= 21
    return bool(few and numbers.min() >= 0 and numbers.max() <= 10)
