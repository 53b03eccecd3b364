"""Knowledge: values of columns as entities, linked to their items."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ...reading.ids import trimmed, without_points
from ...reading.rejects import Rejects
from ...reading.textfile import Kind
from ...source import EdgeType
from .datafile import DataFile
from .lists import read_list, records
from .mapping import KnowledgeKeys
from .nodes import with_ids
from .times import kinds_of, read_times, time_kind
from .values import typed

_NO_ENTITIES = {"entityId": "str", "name": "str", "labels": "object"}


@dataclass(frozen=True)
class EntityLinks:
    """One entry's rows: ``itemId`` (text), ``value``, ``name``, and ``timestamp`` if it has one.

    ``properties`` are those of the relationships, by the names that they have in the graph.
    """

    keys: KnowledgeKeys
    rows: pd.DataFrame
    properties: tuple[str, ...] = ()

    @property
    def entity_ids(self) -> pd.Series[Any]:
        kind = self.keys.label[0]
        return f"{kind[0].lower()}{kind[1:]}:" + self.rows["value"]


def from_column(
    keys: KnowledgeKeys, file: DataFile, items: pd.DataFrame, id: str, rejects: Rejects
) -> EntityLinks:
    """Values of a column of the items' rows."""
    rows = items[[id, keys.column, "line"]].set_axis(["itemId", "value", "line"], axis=1)
    return EntityLinks(keys, _values(keys, file, rows, rejects))


def from_pairs(
    keys: KnowledgeKeys, file: DataFile, rejects: Rejects, report: Counter[str]
) -> EntityLinks:
    """Values of a file with a row for each item and value; where it has times, those with one."""
    assert keys.item is not None
    columns = (keys.item, keys.column, *keys.properties.values())
    kinds: dict[str, Kind] = dict.fromkeys(columns, "text")
    times = time_kind(file, keys)
    kinds |= kinds_of(keys, times)
    rows = file.all(kinds, rejects, report)
    rows = with_ids(file, rows, keys.item, rejects)
    if times is not None and keys.timestamp is not None:
        any_time = "" if keys.any_time else "any_time = true"
        rows = read_times(file.where, rows, keys.timestamp, times, rejects, any_time)
        rows = _timed(rows, keys.type, report)
    kept = {"itemId": rows[keys.item], "value": rows[keys.column], "line": rows["line"]}
    if "timestamp" in rows:
        kept["timestamp"] = rows["timestamp"]
    kept |= {name: typed(rows[column]) for name, column in keys.properties.items()}
    return EntityLinks(
        keys, _values(keys, file, pd.DataFrame(kept), rejects), tuple(keys.properties)
    )


def named(
    facts: EntityLinks, file: DataFile | None, rejects: Rejects, report: Counter[str]
) -> EntityLinks:
    """With the readable names of the values, where the entry has a file of them."""
    if file is None or facts.keys.names is None:
        return replace(facts, rows=facts.rows.assign(name=facts.rows["value"]))
    id, name = facts.keys.names.id, facts.keys.names.name
    found = file.texts([id, name], rejects, report)
    found = found.assign(**{one: trimmed(found[one], file.missing) for one in (id, name)})
    names = found.dropna().drop_duplicates(id).set_index(id)[name]
    readable = facts.rows["value"].map(names).astype("str")
    if readable.isna().any():
        report[f"{facts.keys.label[0]}: values without a name"] += int(readable.isna().sum())
    return replace(facts, rows=facts.rows.assign(name=readable.fillna(facts.rows["value"])))


def entities_table(all_facts: Sequence[EntityLinks]) -> pd.DataFrame:
    """``entityId, name, labels``: one row an entity, with the labels of all its columns.

    A name that is not the id, from whatever column, comes before the id as name.
    """
    if not all_facts:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in _NO_ENTITIES.items()})
    parts = []
    for facts in all_facts:
        name = facts.rows["name"]
        part = pd.DataFrame(
            {"entityId": facts.entity_ids, "name": name, "named": name != facts.rows["value"]}
        ).drop_duplicates("entityId")
        labels = pd.Series([list(facts.keys.label)] * len(part), index=part.index, dtype="object")
        parts.append(part.assign(labels=labels))
    rows = pd.concat(parts, ignore_index=True)
    single = rows.explode("labels").drop_duplicates(["entityId", "labels"])
    labels = single.groupby("entityId")["labels"].agg(list)
    first = rows.drop_duplicates("entityId", ignore_index=True)
    named = rows[rows["named"]].drop_duplicates("entityId").set_index("entityId")["name"]
    names = first["entityId"].map(named).astype("str").fillna(first["name"])
    return first.drop(columns="named").assign(name=names, labels=first["entityId"].map(labels))


def edges(
    all_facts: Sequence[EntityLinks],
    items: Mapping[str, pd.Series[Any]],
    id: str,
    report: Counter[str],
) -> dict[str, pd.DataFrame]:
    """Relationships by type; of a pair that occurs twice the earliest counts.

    :param items: for each column that means items, the ids of the items table by its texts;
        rows about others are left out.
    :param id: the one of these columns that an entry without ``key`` means.
    """
    found: dict[str, list[pd.DataFrame]] = {}
    for facts in all_facts:
        known = items[facts.keys.key or id]
        known = known[known.index.notna() & ~known.index.duplicated()]
        place = known.index.get_indexer(pd.Index(facts.rows["itemId"]))
        if unknown := int((place < 0).sum()):
            report[f"{facts.keys.type}: rows about unknown items"] += unknown
        rows = facts.rows[place >= 0]
        item = pd.Series(known.array[place[place >= 0]], index=rows.index)
        ends = (item, facts.entity_ids[rows.index])
        start, end = ends if facts.keys.from_ == "item" else ends[::-1]
        part = pd.DataFrame({"start": start, "end": end})
        for name in ("timestamp", *facts.properties):
            if name in rows:
                part[name] = rows[name]
        found.setdefault(facts.keys.type, []).append(part)
    return {type: _once(type, parts, report) for type, parts in found.items()}


def edge_type(keys: KnowledgeKeys, item_label: str) -> EdgeType:
    if keys.from_ == "item":
        return EdgeType(keys.type, item_label, keys.label[0])
    return EdgeType(keys.type, keys.label[0], item_label, "Entity", "Item")


def _timed(rows: pd.DataFrame, type: str, report: Counter[str]) -> pd.DataFrame:
    """Without a time an edge would count as knowledge, and events stay out of training."""
    absent = rows["timestamp"].isna()
    if absent.any():
        report[f"{type}: rows without a time"] += int(absent.sum())
    return rows[~absent]


def _values(
    keys: KnowledgeKeys, file: DataFile, rows: pd.DataFrame, rejects: Rejects
) -> pd.DataFrame:
    """One row per value: lists and texts with a separator are split, spaces around values go."""
    rows = rows.assign(itemId=without_points(rows["itemId"]))[rows["value"].notna()]
    if rows["value"].dtype == object:
        if keys.field is not None:
            named = [records(value, keys.field) for value in rows["value"]]
            rows = rows.assign(value=pd.Series(named, rows.index, dtype="object"))
    elif keys.is_list:
        rows = _listed(keys, file, rows, rejects)
    elif keys.separator is not None:
        rows = rows.assign(value=rows["value"].str.split(keys.separator, regex=False))
    rows = rows.explode("value")
    rows = rows[rows["value"].notna()]
    value = rows["value"].astype("str").str.strip()
    rows = rows.assign(value=value)[~value.isin(file.missing)]
    return rows.drop(columns="line").reset_index(drop=True)


def _listed(
    keys: KnowledgeKeys, file: DataFile, rows: pd.DataFrame, rejects: Rejects
) -> pd.DataFrame:
    """The rows with lists for texts such as ``["USA", "UK"]``; others are rejected."""
    lists = pd.Series(
        [read_list(text, keys.field) for text in rows["value"]], rows.index, dtype="object"
    )
    bad = lists.isna()
    for line, text in zip(rows.loc[bad, "line"], rows.loc[bad, "value"], strict=True):
        said = f'column {keys.column} is not a list such as ["a", "b"]'
        rejects.add(file.where, line, f"{said}: {text[:80]}", text, said)
    return rows.assign(value=lists)[~bad]


def _once(type: str, parts: list[pd.DataFrame], report: Counter[str]) -> pd.DataFrame:
    """One edge per pair of ends: the earliest; without times the texts of all of them."""
    rows = pd.concat(parts, ignore_index=True)
    ends = ["start", "end"]
    if "timestamp" in rows:
        rows = rows.sort_values("timestamp", kind="stable")
        return rows.drop_duplicates(ends).sort_index().reset_index(drop=True)
    rows = rows.drop_duplicates()
    once = rows.drop_duplicates(ends).copy()
    if len(rows) > len(once):
        report[f"{type}: further rows of one pair, put together"] += len(rows) - len(once)
        again = rows[rows.duplicated(ends, keep=False)]
        pairs = pd.MultiIndex.from_frame(once[ends])
        for name in [str(name) for name in rows if name not in ends]:
            if rows[name].dtype == "str":
                texts = again.dropna(subset=[name]).groupby(ends)[name].agg(_together)
                all_of_them = pd.Series(texts.reindex(pairs).array, once.index, dtype="str")
                once[name] = all_of_them.fillna(once[name])
    return once.reset_index(drop=True)


def _together(texts: pd.Series[Any]) -> str:
    return "; ".join(dict.fromkeys(texts))
