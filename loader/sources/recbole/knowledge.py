"""The knowledge graph of a ``.kg`` file, joined to the items by a ``.link`` file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from ...source import EdgeType
from .domain import KG_LABEL, relation_types

Role = Literal["Item", "Entity"]


@dataclass(frozen=True)
class KnowledgeGraph:
    """Edges by type with their declarations, the entities in them, and what was dropped."""

    types: tuple[EdgeType, ...]
    edges: dict[str, pd.DataFrame]
    entities: pd.DataFrame
    report: dict[str, int]


def knowledge_of(
    where: str,
    triples: pd.DataFrame,
    links: pd.DataFrame,
    item_label: str,
    taken: tuple[str, ...],
    all_triples: bool,
) -> KnowledgeGraph:
    """Heads and tails that are linked items become the items, the others ``(:KgEntity)``.

    A relation and its reverse are two types, as the file has them. Where a relation leads from
    items in some triples and from entities in others, its most frequent kind of ends keeps the
    type and the others say theirs: ``SEQUEL``, ``SEQUEL_ITEM_TO_ITEM``.

    :param triples: ``head, relation, tail`` of the file ``where``.
    :param links: ``itemId`` as in the graph, ``entity``; either may have several of the other.
    :param taken: types that other edges have.
    """
    distinct = triples.drop_duplicates(ignore_index=True)
    report = {
        "triples read": len(triples),
        "triples dropped: repeats of another": len(triples) - len(distinct),
    }
    ends = _with_items(distinct, links)
    linked = ends["headItem"].notna() | ends["tailItem"].notna()
    outside = int((~distinct[["head", "tail"]].isin(set(links["entity"])).any(axis=1)).sum())
    if not all_triples:
        ends = ends[linked]
        report["triples dropped: neither end is an item"] = outside
    names = relation_types(where, ends["relation"].unique(), taken)
    types, edges = [], {}
    for (relation, start, end), type_ in _kinds(ends, names, taken).items():
        at = (ends["relation"] == relation) & (ends["start"] == start) & (ends["end"] == end)
        types.append(
            EdgeType(type_, _label(start, item_label), _label(end, item_label), start, end)
        )
        edges[type_] = _edges(ends[at], start, end)
    return KnowledgeGraph(tuple(types), edges, _entities(ends), report)


def _with_items(triples: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """A row for each pair of items that the ends may be; NA and the role Entity for no item."""
    found = triples
    for end in ("head", "tail"):
        items = links.rename(columns={"entity": end, "itemId": f"{end}Item"})
        found = found.merge(items, on=end, how="left")
    for end, column in (("head", "start"), ("tail", "end")):
        found[column] = found[f"{end}Item"].isna().map({True: "Entity", False: "Item"})
    return found


def _kinds(
    ends: pd.DataFrame, names: dict[str, str], taken: tuple[str, ...]
) -> dict[tuple[str, Role, Role], str]:
    """The type for each relation and roles of its ends."""
    sizes = ends.groupby(["relation", "start", "end"]).size().rename("rows").reset_index()
    sizes = sizes.sort_values(
        ["relation", "rows", "start", "end"], ascending=[True, False, True, True]
    )
    used = {*names.values(), *taken}
    found: dict[tuple[str, Role, Role], str] = {}
    for relation, start, end in sizes[["relation", "start", "end"]].itertuples(index=False):
        name = names[relation]
        if any(other[0] == relation for other in found):
            name = f"{name}_{start.upper()}_TO_{end.upper()}"
            while name in used:
                name += "_"
            used.add(name)
        found[relation, start, end] = name
    return found


def _edges(rows: pd.DataFrame, start: Role, end: Role) -> pd.DataFrame:
    ends = {}
    for name, role, column in (("start", start, "head"), ("end", end, "tail")):
        item = rows[f"{column}Item"]
        whole = role == "Item" and pd.api.types.is_integer_dtype(item)
        ids = item if role == "Item" else "entity:" + rows[column]
        ends[name] = ids.astype("int64") if whole else ids
    return pd.DataFrame(ends).drop_duplicates().sort_values(["start", "end"], ignore_index=True)


def _entities(ends: pd.DataFrame) -> pd.DataFrame:
    """The ends that are not items; the file has no names, so their ids are their names."""
    heads, tails = ends["head"][ends["start"] == "Entity"], ends["tail"][ends["end"] == "Entity"]
    ids = pd.concat([heads, tails]).drop_duplicates().sort_values(ignore_index=True)
    labels: list[list[str]] = [[KG_LABEL] for _ in ids]
    return pd.DataFrame({"entityId": "entity:" + ids, "name": ids, "labels": labels})


def _label(role: str, item_label: str) -> str:
    return item_label if role == "Item" else KG_LABEL


def as_graph_ids(links: pd.DataFrame, ids: pd.Series[Any]) -> tuple[pd.DataFrame, dict[str, int]]:
    """``itemId, entity`` of the known items; NA-free, integers as Int64 so that joins keep them.

    :param links: ``itemId`` as text, ``entity``.
    :param ids: the items' ids in the graph, for the texts that are its index.
    """
    links = links.dropna().drop_duplicates()
    known = links["itemId"].isin(ids.index)
    found = links[known]
    items = pd.Series(ids.reindex(found["itemId"]).to_numpy(), index=found.index)
    if pd.api.types.is_integer_dtype(ids):
        items = items.astype("Int64")
    report = {
        "links read": len(links),
        "links dropped: unknown item": int((~known).sum()),
        "items without a link": int((~ids.index.isin(found["itemId"])).sum()),
    }
    return pd.DataFrame({"itemId": items, "entity": found["entity"]}), report
