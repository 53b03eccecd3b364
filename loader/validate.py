"""Checks of canonical tables, whatever source they come from."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ..errors import InputError
from .source import CanonicalTables


def check_tables(tables: CanonicalTables) -> None:
    """Refuse tables that would make a graph other than they say.

    :raises InputError: for an id that is missing or stands twice, a relationship type that
        the schema does not declare, or a row about a user, item or entity that is in no table.
    """
    space = tables.id_space
    keys = {"User": "userId", "Item": "itemId", "Entity": "entityId"}
    frames = {"User": tables.users, "Item": tables.items, "Entity": tables.entities}
    ids = {role: frames[role][key] for role, key in keys.items()}
    for role, column in ids.items():
        if column.isna().any() or column.duplicated().any():
            raise InputError(f"{space}: {role} ids are missing or stand twice", _HINT)
    declared = {edge.type: edge for edge in tables.schema.edges}
    for name, frame in tables.edges.items():
        if name not in declared:
            raise InputError(f"{space}: the schema does not declare the type {name}", _HINT)
        edge = declared[name]
        _check_known(f"{space}, {name}", frame["start"], ids[edge.start_role])
        _check_known(f"{space}, {name}", frame["end"], ids[edge.end_role])
        if frame.duplicated(["start", "end"]).any():
            raise InputError(f"{space}, {name}: an edge stands twice", _HINT)
    interactions = tables.interactions
    _check_known(f"{space}, interactions", interactions["userId"], ids["User"])
    _check_known(f"{space}, interactions", interactions["itemId"], ids["Item"])
    if interactions.duplicated(["userId", "itemId"]).any():
        raise InputError(f"{space}: a user has two interactions with one item", _HINT)


_HINT = "This is an error of the source: mend it, or report it to its author."


def _check_known(where: str, column: pd.Series[Any], known: pd.Series[Any]) -> None:
    unknown = column[~column.isin(known)]
    if len(unknown):
        raise InputError(f"{where}: '{unknown.iloc[0]}' is in no table", _HINT)
