"""Users, items and the entities of their categories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ..rejects import Rejects
from ..tabular.values import typed
from ..titles import readable
from .domain import (
    Category,
    Domain,
    category,
    is_personal,
    property_names,
    refuse_second,
)
from .header import Atomic, Column


@dataclass
class Things:
    """Users or items: ``table`` has the id as text under ``id`` and a column per property.

    ``values`` holds for each category the rows ``id, value``.
    """

    table: pd.DataFrame
    values: dict[Category, pd.DataFrame] = field(default_factory=dict)
    report: dict[str, int] = field(default_factory=dict)


def users_of(atomic: Atomic | None, key: str, ids: pd.Series[Any], rejects: Rejects) -> Things:
    """The users of ``.user`` and of the interactions.

    Columns such as zip codes are left out: nothing uses them, and they say more about a person
    than needed.
    """
    if atomic is None:
        return Things(pd.DataFrame({"id": ids}))
    key = _key(atomic, key)
    kept = [one for one in atomic.columns if one.kind != "float_seq" and not is_personal(one.name)]
    report = _left_out(atomic, [one for one in atomic.columns if one not in kept])
    rows = atomic.distinct(kept, key, rejects)
    new = property_names(atomic.file.where, [one.name for one in kept if one.name != key], "user")
    table = pd.DataFrame({"id": rows[key], **{new[name]: _typed(rows[name]) for name in new}})
    return _with_all(Things(table, report=report), ids, "users without a row in .user")


def items_of(
    atomic: Atomic | None,
    key: str,
    ids: pd.Series[Any],
    domain: Domain,
    item_label: str,
    rejects: Rejects,
) -> Things:
    """The items of ``.item`` and of the interactions; one without a title is called by its id."""
    if atomic is None:
        return Things(pd.DataFrame({"id": ids, "title": ids}))
    key = _key(atomic, key)
    kept = [one for one in atomic.columns if one.kind != "float_seq"]
    report = _left_out(atomic, [one for one in atomic.columns if one not in kept])
    rows = atomic.distinct(kept, key, rejects)
    title = _title_column([one for one in kept if one.name != key])
    properties = {}
    things = Things(pd.DataFrame({"id": rows[key]}), report=report)
    for one in kept:
        if one.kind == "token_seq" and one.name != title:
            about = category(one.name, domain, item_label)
            refuse_second(atomic.file.where, one.name, about, things.values)
            things.values[about] = pd.DataFrame({"id": rows[key], "value": rows[one.name]})
        elif one.name not in (key, title):
            properties[one.name] = domain.names.get(one.name, one.name)
    new = property_names(atomic.file.where, properties.values(), "item")
    if title is not None:
        texts = rows[title].map(readable, na_action="ignore") if domain.titles else rows[title]
        things.table["title"] = texts
    else:
        things.table["title"] = None
    for column, name in properties.items():
        values = _year(rows[column]) if name == "year" and domain.titles else _typed(rows[column])
        things.table[new[name]] = values
    things = _with_all(things, ids, "items without a row in .item")
    things.table["title"] = things.table["title"].fillna(things.table["id"])
    return things


def category_tables(
    things: Things, ids: pd.Series[Any], separator: str
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame]]:
    """Entities of the categories' values, and the edges to them by type.

    :param ids: the items' ids in the graph, for the texts that are its index.
    """
    entities, edges = [_no_entities()], {}
    for about, rows in things.values.items():
        values = rows.assign(value=rows["value"].str.split(separator, regex=False)).explode("value")
        values["value"] = values["value"].str.strip()
        values = values[values["value"].fillna("") != ""].drop_duplicates(["id", "value"])
        names = sorted(values["value"].unique())
        entities.append(
            pd.DataFrame(
                {
                    "entityId": [f"{about.kind}:{name}" for name in names],
                    "name": names,
                    "labels": [[about.label] for _ in names],
                }
            )
        )
        start = ids.reindex(values["id"]).to_numpy()
        edge = pd.DataFrame({"start": start, "end": f"{about.kind}:" + values["value"].to_numpy()})
        edges[about.type] = edge.sort_values(["start", "end"], ignore_index=True)
    return pd.concat(entities, ignore_index=True), edges


def _no_entities() -> pd.DataFrame:
    texts = pd.Series([], dtype="str")
    return pd.DataFrame({"entityId": texts, "name": texts, "labels": pd.Series([], dtype="object")})


def _key(atomic: Atomic, key: str) -> str:
    """The id's column: named as in ``.inter``, else the first one."""
    return key if atomic.column(key) else atomic.columns[0].name


def _title_column(columns: list[Column]) -> str | None:
    texts = [one.name for one in columns if one.kind in ("token", "token_seq")]
    for word in ("title", "name"):
        found = [name for name in texts if word in name.lower()]
        if found:
            return found[0]
    return None


def _typed(values: pd.Series[Any]) -> pd.Series[Any]:
    return values if pd.api.types.is_float_dtype(values) else typed(values)


def _year(values: pd.Series[Any]) -> pd.Series[Any]:
    """MovieLens has a few words among its years."""
    return pd.to_numeric(values.where(values.str.fullmatch(r"\d{4}"))).astype("Int64")


def _left_out(atomic: Atomic, columns: list[Column]) -> dict[str, int]:
    suffix = atomic.file.name.rsplit(".", 1)[-1]
    return {f"columns left out: {one.name} of .{suffix}": 1 for one in columns}


def _with_all(things: Things, ids: pd.Series[Any], what: str) -> Things:
    """Add those that only the interactions know."""
    unknown = ids[~ids.isin(things.table["id"])]
    things.report[what] = len(unknown)
    if len(unknown):
        more = pd.DataFrame({"id": unknown}).reindex(columns=things.table.columns)
        more = more.astype(things.table.dtypes.to_dict())
        things.table = pd.concat([things.table, more], ignore_index=True)
    return things
