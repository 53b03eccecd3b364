"""Checks of canonical tables, whatever source they come from."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from ...errors import InputError
from ...graph.contract import RUN_PROPERTIES
from ..source import CanonicalTables, EdgeType
from .codes import LONGEST_ID

KEYS = {"User": "userId", "Item": "itemId", "Entity": "entityId"}

_LABELS = frozenset({"User", "Item", "Entity", "Run", "Task", "Dataset"})
_TYPES = frozenset({"RECOMMENDED", "ATTENDED_TO", "SIMILAR_TO", "REFIT_OF"})
_PROPERTIES = frozenset({*KEYS.values(), *RUN_PROPERTIES})
_HINT = "This is an error of the source or of its mapping: mend it, or report it to its author."


def check_tables(tables: CanonicalTables) -> None:
    """Refuse tables that would make a graph other than they say, but for the interactions.

    :raises InputError: for an id that is missing, too long or occurs twice; names that
        reelgraph uses itself; a relationship type that the schema does not declare; a row
        about an item or entity, or a user where there is a table, that is in no table.
    """
    frames = {"User": tables.users, "Item": tables.items, "Entity": tables.entities}
    known: dict[str, pd.Series[Any]] = {}
    for role, frame in frames.items():
        if frame is not None:
            _check_ids(tables.id_space, role, frame[KEYS[role]])
            _check_properties(tables.id_space, role, frame)
            known[role] = frame[KEYS[role]]
    _check_names(tables)
    if tables.joins is not None:
        known = {"Entity": known["Entity"]}  # others are the graph's, see load
    declared = {edge.type: edge for edge in tables.schema.edges}
    for name, frame in tables.edges.items():
        if name not in declared:
            raise InputError(f"{tables.id_space}: the schema does not declare {name}", _HINT)
        _check_edges(f"{tables.id_space}, {name}", declared[name], frame, known)


def _check_ids(space: str, role: str, ids: pd.Series[Any]) -> None:
    if ids.isna().any() or ids.duplicated().any():
        raise InputError(f"{space}: {role} ids are missing or occur twice", _HINT)
    if pd.api.types.is_integer_dtype(ids):
        return
    texts = ids.astype("str")
    if (texts == "").any():
        raise InputError(f"{space}: {role} ids are missing or occur twice", _HINT)
    longest = max((len(one.encode()) for one in texts), default=0)
    if longest > LONGEST_ID:
        raise InputError(
            f"{space}: a {role} id has {longest} bytes; {LONGEST_ID} are allowed",
            "Use shorter ids: Neo4j cannot index longer ones.",
        )


def _check_properties(space: str, role: str, frame: pd.DataFrame) -> None:
    for name in frame.columns:
        if name != KEYS[role] and name in _PROPERTIES:
            raise InputError(
                f"{space}: {role} nodes cannot have a property '{name}' from a file: reelgraph "
                "uses this name itself",
                "Give the property another name.",
            )
    _check_usable(space, "property name", frame.columns)


def _check_names(tables: CanonicalTables) -> None:
    space, schema = tables.id_space, tables.schema
    labels = set(tables.domain_labels)
    types = [edge.type for edge in schema.edges]
    _check_usable(space, "label", labels)
    _check_usable(space, "relationship type", [*types, schema.interaction_type])
    for what, names, own in (
        ("label", labels, _LABELS),
        ("relationship type", {*types, schema.interaction_type}, _TYPES),
    ):
        for name in sorted(names):
            if name in own or name.startswith("__"):
                raise InputError(
                    f"{space}: {what} '{name}' is one that reelgraph uses itself",
                    "Choose another name.",
                )
    if schema.interaction_type in types or len(set(types)) < len(types):
        raise InputError(f"{space}: a relationship type is declared twice", _HINT)


def _check_usable(space: str, what: str, names: Iterable[str]) -> None:
    """Neo4j takes every name but an empty one and one with a NUL character."""
    for name in names:
        if not name or "\0" in name:
            raise InputError(f"{space}: {name!r} cannot be a {what}", "Choose another name.")


def _check_edges(
    where: str, edge: EdgeType, frame: pd.DataFrame, known: dict[str, pd.Series[Any]]
) -> None:
    for column, role in (("start", edge.start_role), ("end", edge.end_role)):
        if frame[column].isna().any():
            raise InputError(f"{where}: an edge has no {column}", _HINT)
        if role in known:
            unknown = frame[column][~frame[column].isin(known[role])]
            if len(unknown):
                raise InputError(f"{where}: '{unknown.iloc[0]}' is in no table", _HINT)
    _check_usable(where, "property name", frame.columns)
    if frame.duplicated(["start", "end"]).any() and frame.astype("str").duplicated().any():
        raise InputError(f"{where}: an edge occurs twice", _HINT)
