"""What the database holds: checked before a load, numbered again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ...errors import InputError
from ...graph.connection import GraphLike
from ...graph.contents import RATED, holds
from ...graph.unfinished import check_not_emptied, unfinished
from ..foreign import WAYS_OUT
from ..source import CanonicalTables
from .lock import load_lock

_OTHER = (
    "Use another database, or add --into-new, which deletes this data set with its runs; it asks "
    "before."
)


def check_database(graph: GraphLike, tables: CanonicalTables) -> dict[str, Any]:
    """What :func:`holds` says, after a check that the tables fit into it.

    :raises InputError: when the database holds another data set, or nodes of other origin, or
        for an enricher no data set that it joins, or one that is half loaded; or when it is
        half emptied.
    """
    check_not_emptied(graph)
    found = holds(graph)
    if tables.joins is not None or tables.items is None:
        _check_joins(found, tables)
        _check_whole(graph)
    elif found.get("idSpace") is None:
        if any(found.get(role) for role in ("users", "items", "entities")):
            raise InputError(
                "the database holds User, Item or Entity nodes that reelgraph did not load",
                WAYS_OUT,
            )
    elif found["idSpace"] != tables.id_space:
        raise InputError(
            f"the database holds the data set {found['name']}, whose ids are not those of "
            f"{tables.id_space}",
            _OTHER,
        )
    return found


def _check_whole(graph: GraphLike) -> None:
    """What is added goes to the items that are there: they have to be there."""
    for one in unfinished(graph):
        if one.kind == "load":
            raise one.error()


def _check_joins(found: dict[str, Any], tables: CanonicalTables) -> None:
    space = found.get("idSpace")
    if space is None:
        raise InputError(
            f"{tables.source} adds to a data set, and the database holds none",
            "Load the data set with the movies or other items first: reelgraph load --help",
        )
    joins = tables.joins or (lambda one: one == tables.id_space)
    if not joins(space):
        raise InputError(
            f"the database holds the data set {found['name']}, to whose items these rows "
            f"({tables.id_space}) do not belong",
            "Load only files that belong to it: in these files the same ids mean other items.",
        )


def check_id_types(found: dict[str, Any], wanted: dict[str, str]) -> None:
    """:raises InputError: when the data set's ids or interactions are of another type."""
    for kind, what in (("userIdType", "users"), ("itemIdType", "items")):
        if found.get(kind) not in (None, wanted[kind]):
            texts = wanted[kind] == "STRING"
            here, there = ("texts", "numbers") if texts else ("numbers", "texts")
            raise InputError(
                f"the ids of {what} are {here} in these files, and {there} in the database",
                "Load without --text-ids: an id that is not a number is then a bad row, named with "
                "its line."
                if texts
                else "These files do not belong to the data set: load them under another name, "
                "into another database.",
            )
    has = found.get("interactionType")
    if has not in (None, wanted["interactionType"]):
        raise InputError(
            f"the data set's interactions are {has} relationships, those of these files are "
            f"{wanted['interactionType']}",
            _OTHER,
        )


def dataset(
    tables: CanonicalTables, users: pd.Series[Any], items: pd.Series[Any]
) -> dict[str, Any]:
    """The properties of the ``Dataset`` node."""
    scale = tables.schema.rating_scale
    return {
        "name": tables.id_space,
        "idSpace": tables.id_space,
        "userIdType": id_type(users),
        "itemIdType": id_type(items),
        "interactionType": tables.schema.interaction_type,
        "madeLabels": tables.domain_labels,
        **({} if scale is None else {"ratingScale": scale}),
    }


def id_type(ids: pd.Series[Any]) -> str:
    return "INTEGER" if pd.api.types.is_integer_dtype(ids) else "STRING"


def read_ids(graph: GraphLike, role: str) -> pd.Series[Any]:
    """The ids of all users or items in the graph."""
    ids = [row["id"] for row in graph.stream("load/read_ids", role=role)]
    return pd.Series(ids, dtype=None if ids else "str")


def reseq(graph: GraphLike, users: Sequence[Any] | None = None) -> dict[str, int]:
    """Put ``seq`` on ratings without one: ``{users, renumbered}``.

    A user's ratings are numbered again by (timestamp, seq, itemId): new ones come after
    those of the same time, and ones without a time come last.

    :param users: ids of those that are looked at, by default all.
    :raises DatabaseError: while a loader writes to the graph.
    """
    with load_lock(graph):
        check_not_emptied(graph)
        of_type = holds(graph).get("interactionType") or RATED
        asked = None if users is None else list(users)
        row = graph.run("load/reseq", type=of_type, users=asked).single()
    return {"users": 0, "renumbered": 0, **(row or {})}
