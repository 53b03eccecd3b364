"""Tables that fit what is there: ids of the graph's type, users and items of the interactions."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from ..reading.ids import are_whole, as_integers
from ..source import CanonicalTables
from .validate import KEYS


def longer(table: pd.DataFrame, key: str, new: pd.Series[Any]) -> pd.DataFrame:
    """With a row of nothing but an id for each new one."""
    if new.empty:
        return table
    gaps = {"int64": "Int64", "bool": "boolean"}  # types that have no missing values
    changed = {
        str(name): table[name].astype(gaps[str(table[name].dtype)])  # type: ignore[call-overload]
        for name in table.columns.drop(key)
        if str(table[name].dtype) in gaps
    }
    return pd.concat([table.assign(**changed), pd.DataFrame({key: new})], ignore_index=True)


def with_numbers(tables: CanonicalTables, roles: frozenset[str]) -> CanonicalTables:
    """The ids of these roles as numbers; rows with others are left out and counted.

    Interactions about what is left out are rejected, each with its line.
    """
    for role, name in (("User", "users"), ("Item", "items")):
        table, key = getattr(tables, name), KEYS[role]
        if role not in roles or table is None or pd.api.types.is_integer_dtype(table[key]):
            continue
        whole = are_whole(table[key])
        kept = table[whole].assign(**{key: as_integers(table.loc[whole, key])})
        said = f"{name} left out: their id is not a whole number, as the ids in the database are"
        report = {**tables.report, said: int((~whole).sum())}
        new = {name: kept.reset_index(drop=True), "edges": _of_whole_ids(tables, role)}
        tables = replace(tables, report=report, **new)
    return tables


def _of_whole_ids(tables: CanonicalTables, role: str) -> dict[str, pd.DataFrame]:
    """The edges whose ends of this role have whole numbers, these as numbers."""
    edges = dict(tables.edges)
    for edge in tables.schema.edges:
        for column, end in (("start", edge.start_role), ("end", edge.end_role)):
            if end == role and edge.type in edges:
                frame = edges[edge.type]
                frame = frame[are_whole(frame[column])]
                numbers = as_integers(frame[column].astype("str"))
                edges[edge.type] = frame.assign(**{column: numbers})
    return edges


def with_texts(tables: CanonicalTables, roles: frozenset[str]) -> CanonicalTables:
    """The ids of these roles as strings, in all tables but the interactions."""
    users, items, edges = tables.users, tables.items, dict(tables.edges)
    if users is not None and "User" in roles:
        users = users.assign(userId=users["userId"].astype("str"))
    if items is not None and "Item" in roles:
        items = items.assign(itemId=items["itemId"].astype("str"))
    for edge in tables.schema.edges:
        for column, role in (("start", edge.start_role), ("end", edge.end_role)):
            if role in roles and edge.type in edges:
                frame = edges[edge.type]
                edges[edge.type] = frame.assign(**{column: frame[column].astype("str")})
    return replace(tables, users=users, items=items, edges=edges)
