"""Users, items and the entities of their categories."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from ...reading.ids import odd_ones, reject_odd
from ...reading.rejects import Rejects
from ...reading.titles import readable
from ..tabular.values import typed
from .domain import Category, Domain, category, is_personal, is_text, property_names, refuse_second
from .header import Atomic, TypedColumn


@dataclass
class NodeTable:
    """Users or items: ``table`` has the id as text under ``id`` and a column per property.

    ``values`` holds for each category the rows ``id, value``; ``lines`` the lines by id in the
    file ``where``, for those that have a row of their own.
    """

    table: pd.DataFrame
    values: dict[Category, pd.DataFrame] = field(default_factory=dict)
    report: dict[str, int] = field(default_factory=dict)
    where: str = ""
    lines: dict[str, int] = field(default_factory=dict)

    def leave_out_odd(self, column: str, rejects: Rejects) -> None:
        """Where most ids are whole numbers, reject the rows of the others."""
        odd = odd_ones(self.table["id"])
        own = [one for one in self.table.loc[odd, "id"] if one in self.lines]
        reject_odd(rejects, self.where, column, [self.lines[one] for one in own], own)
        self.table = self.table[~odd].reset_index(drop=True)
        known = set(self.table["id"])
        self.values = {one: rows[rows["id"].isin(known)] for one, rows in self.values.items()}


def _lines(rows: pd.DataFrame, key: str) -> dict[str, int]:
    return dict(zip(rows[key], rows["line"], strict=True))


def users_of(atomic: Atomic | None, key: str, ids: pd.Series[Any], rejects: Rejects) -> NodeTable:
    """The users of ``.user`` and of the interactions.

    Columns such as zip codes are left out: nothing uses them, and they say more about a person
    than needed.
    """
    if atomic is None:
        return NodeTable(pd.DataFrame({"id": ids}))
    key = _key(atomic, key)
    kept = [
        one
        for one in atomic.columns
        if one.name == key or (one.kind != "float_seq" and not is_personal(one.name))
    ]
    plain = [one.name for one in kept if one.name != key]
    names = property_names(atomic.file.where, plain, "user")
    rows = atomic.distinct(kept, key, rejects)
    table = pd.DataFrame({"id": rows[key], **{names[one]: _typed(rows[one]) for one in plain}})
    left_out = _left_out(atomic, [one for one in atomic.columns if one not in kept])
    things = NodeTable(table, {}, left_out, atomic.file.where, _lines(rows, key))
    return _with_all(things, ids, "users without a row in .user")


def items_of(
    atomic: Atomic | None,
    key: str,
    ids: pd.Series[Any],
    domain: Domain,
    item_label: str,
    texts: tuple[str, ...],
    rejects: Rejects,
) -> NodeTable:
    """The items of ``.item`` and of the interactions; ``title`` is NA where there is none."""
    if atomic is None:
        return NodeTable(pd.DataFrame({"id": ids}).assign(title=_no_titles(ids)))
    key = _key(atomic, key)
    kept = [one for one in atomic.columns if one.kind != "float_seq"]
    title = _title_column([one for one in kept if one.name != key])
    others = [one for one in kept if one.name not in (key, title)]
    atomic.need(*texts)
    seqs = [one for one in others if one.kind == "token_seq" and not is_text(one.name, texts)]
    categories = _categories(atomic, seqs, domain, item_label)
    plain = {one.name: domain.names.get(one.name, one.name) for one in others if one not in seqs}
    names = property_names(atomic.file.where, plain.values(), "item")
    rows = atomic.distinct(kept, key, rejects)
    table = pd.DataFrame({"id": rows[key], "title": _titles(rows, title, domain)})
    for column, renamed in plain.items():
        is_year = domain.titles and renamed == "year"
        table[names[renamed]] = _year(rows[column]) if is_year else _typed(rows[column])
    values = {one: rows[[key, one.column]].set_axis(["id", "value"], axis=1) for one in categories}
    left_out = _left_out(atomic, [one for one in atomic.columns if one not in kept])
    things = NodeTable(table, values, left_out, atomic.file.where, _lines(rows, key))
    return _with_all(things, ids, "items without a row in .item")


def _titles(rows: pd.DataFrame, title: str | None, domain: Domain) -> pd.Series[Any]:
    if title is None:
        return _no_titles(rows)
    return rows[title].map(readable, na_action="ignore") if domain.titles else rows[title]


def _no_titles(rows: pd.DataFrame | pd.Series[Any]) -> pd.Series[Any]:
    return pd.Series(None, rows.index, dtype="str")


def _categories(
    atomic: Atomic, columns: list[TypedColumn], domain: Domain, item_label: str
) -> list[Category]:
    """:raises InputError: when two columns give entities of one label."""
    found: list[Category] = []
    for one in columns:
        about = category(one.name, domain, item_label)
        refuse_second(atomic.file.where, one.name, about, found)
        found.append(about)
    return found


def category_tables(
    things: NodeTable, ids: pd.Series[Any], separator: str
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


def _title_column(columns: list[TypedColumn]) -> str | None:
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


def _left_out(atomic: Atomic, columns: list[TypedColumn]) -> dict[str, int]:
    suffix = atomic.file.name.rsplit(".", 1)[-1]
    return {f"columns left out: {one.name} of .{suffix}": 1 for one in columns}


def _with_all(things: NodeTable, ids: pd.Series[Any], what: str) -> NodeTable:
    """Add those that only the interactions know."""
    unknown = ids[~ids.isin(things.table["id"])]
    things.report[what] = len(unknown)
    if len(unknown):
        more = pd.DataFrame({"id": unknown}).reindex(columns=things.table.columns)
        more = more.astype(things.table.dtypes.to_dict())
        things.table = pd.concat([things.table, more], ignore_index=True)
    return things
