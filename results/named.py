"""Which user or item of a graph is meant: by id, items also by title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import CypherError, InputError
from ..graph.connection import GraphLike

_NEAREST = 5


def parse_user(graph: GraphLike, text: str) -> int | str:
    """A user's id as this graph has it, integer or string.

    :raises InputError: for text where the graph's ids are integers.
    """
    row = graph.run("analyst/id_types").single() or {}
    user = _as_id(text, row.get("userIdType"))
    if row.get("userIdType") == "INTEGER" and isinstance(user, str):
        raise InputError(
            f"'{text}' is no user id: those of this graph are integers", "Give a whole number."
        )
    return user


def find_item(graph: GraphLike, name: str) -> int | str:
    """The id of the item that is named by its id, or by its title with or without the year.

    An id goes before a title of the same text; capitals do not count.

    :raises InputError: for a name that fits no item or several; says the nearest ones.
    """
    row = graph.run("analyst/id_types").single() or {}
    asked = _as_id(name, row.get("itemIdType"))
    try:
        rows = graph.run("analyst/find_items", name=asked, n=2 * _NEAREST).rows
    except CypherError as error:
        if "fulltext" not in str(error):
            raise
        raise InputError(
            "this graph has no index of titles: another version of reelgraph made it",
            "Make it: reelgraph schema apply",
        ) from None
    if rows and rows[0]["fits"] == "id":
        return _id_of(rows[0])
    whole = [one for one in rows if one["fits"] == "title"]
    if len(whole) == 1:
        return _id_of(whole[0])
    said = "; ".join(described(one) for one in (whole or rows)[:_NEAREST])
    if whole:
        raise InputError(f"'{name}' fits {len(whole)} items: {said}", "Give the id.")
    raise InputError(
        f"there is no item '{name}' in this graph",
        f"Did you mean: {said}" if said else "Give a title or an id of the loaded data.",
    )


def described(row: Mapping[str, Any]) -> str:
    """``Toy Story (1995), id 1``."""
    year = "" if row["year"] is None else f" ({row['year']})"
    return f"{row['title']}{year}, id {row['itemId']}"


def _id_of(row: Mapping[str, Any]) -> int | str:
    found: int | str = row["itemId"]
    return found


def _as_id(text: str, declared: str | None) -> int | str:
    """An id of the graph's type where the text can be one."""
    if declared == "STRING":
        return text
    try:
        return int(text)
    except ValueError:
        return text
