"""The source ``recbole``: RecBole's atomic files, of any data set."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from ....errors import InputError
from ...reading.ids import as_ids, trimmed
from ...reading.rejects import Rejects
from ...source import CanonicalTables, EdgeType, GraphSchema, Reading, Source, SourceOptions
from ..ml100k import crosswalk
from ..ml100k.files import is_published
from .domain import KG_LABEL, domain_of
from .header import Atomic, find_atomic
from .interactions import (
    InteractionColumns,
    interaction_columns,
    interactions_of,
    look_through,
    without_counts,
)
from .knowledge import KnowledgeGraph, as_graph_ids, knowledge_of
from .options import RecBoleOptions
from .tables import NodeTable, category_tables, items_of, users_of


class RecBole(Source):
    """Atomic files of RecBole (NAME.inter, and .item, .user, .kg, .link if there are any).

    The typed header says what a column is. In .item the first column with 'title', else
    'name', in its name is the title; other token_seq columns become entities, so that
    artist_tags gives (:ArtistTag) by HAS_ARTIST_TAG; all others are properties. Columns of
    .user are properties, but zip codes and the like, which nothing needs. Triples of .kg whose
    head or tail is linked to an item become relationships with the relation as type; the
    other ends are (:KgEntity), with their id as name.

    Ratings and times are optional: without ratings the feedback is implicit. A rating that is
    a count by its values (beyond 100, or most of them far below the largest) is left out, and
    the report says so; --rating-column rating loads it. A user's further rows about an item are
    dropped and counted, see --repeated.

    RecBole's ml-100k.link gives Freebase films to the wrong movies (its item ids are of
    MovieLens 1M and 20M). It is known by its checksum and corrected as 'reelgraph load ml-100k'
    does, which also gives people readable names and is the better choice for this data set.
    """

    name: ClassVar[str] = "recbole"
    description: ClassVar[str] = "RecBole's atomic files (.inter .item .user .kg .link)"
    examples: ClassVar[tuple[str, ...]] = (
        "reelgraph load recbole dataset/lastfm",
        "reelgraph load recbole dataset/amazon-books --item-label Book --dry-run",
    )
    options_class: ClassVar[type[SourceOptions]] = RecBoleOptions

    def read(self, path: Path | None, reading: Reading[Any]) -> CanonicalTables:
        """:raises InputError: names file, line and column."""
        options: RecBoleOptions = reading.options
        if path is None:
            raise InputError(
                "the source recbole needs a folder with atomic files",
                "reelgraph load recbole FOLDER; the data sets are listed at recbole.io.",
            )
        name, held = find_atomic(path, options.name, options.between_fields)
        inter, domain = held["inter"], domain_of(name)
        label = options.item_label or domain.item_label
        roles = interaction_columns(inter, options)
        ids = look_through(inter, roles)
        roles, remark = without_counts(roles, ids.scale, options)
        rejects = reading.rejects
        users = users_of(held.get("user"), roles.user.name, ids.users, rejects)
        items = items_of(
            held.get("item"), roles.item.name, ids.items, domain, label, options.text, rejects
        )
        if not reading.text_ids:
            users.leave_out_odd(roles.user.name, rejects)
            items.leave_out_odd(roles.item.name, rejects)
        user_ids, item_ids = (_graph_ids(one, reading.text_ids) for one in (users, items))
        entities, edges = category_tables(items, item_ids, options.between_values)
        known = _knowledge(held, roles.item.name, item_ids, label, tuple(edges), options, rejects)
        integers = pd.api.types.is_integer_dtype
        report = Counter({**_read(users, items), **users.report, **items.report})
        report.update({**_unused(roles), **remark, **known.report})
        return CanonicalTables(
            source=self.name,
            id_space=name,
            schema=_schema(label, users, items, known),
            users=_with_graph_ids(users, user_ids, "userId") if "user" in held else None,
            items=_with_graph_ids(items, item_ids, "itemId"),
            entities=pd.concat([entities, known.entities], ignore_index=True),
            edges={**edges, **known.edges},
            interactions=interactions_of(
                inter, roles, options, (integers(user_ids), integers(item_ids)), report
            ),
            report=report,
        )


def _graph_ids(things: NodeTable, text_ids: bool) -> pd.Series[Any]:
    """The ids as the graph has them, by their texts."""
    texts = things.table["id"]
    ids = texts if text_ids else as_ids(texts)[0]
    return pd.Series(ids.to_numpy(), index=pd.Index(texts))


def _with_graph_ids(things: NodeTable, ids: pd.Series[Any], key: str) -> pd.DataFrame:
    table = things.table.drop(columns="id")
    table.insert(0, key, ids.to_numpy())
    return table.sort_values(key, ignore_index=True)


def _knowledge(
    held: dict[str, Atomic],
    item_column: str,
    item_ids: pd.Series[Any],
    label: str,
    taken: tuple[str, ...],
    options: RecBoleOptions,
    rejects: Rejects,
) -> KnowledgeGraph:
    if "kg" not in held:
        empty = pd.DataFrame({"entityId": [], "name": [], "labels": []}, dtype="object")
        return KnowledgeGraph((), {}, empty, {})
    kg, link = held["kg"], held.get("link")
    if link is None:
        raise InputError(
            f"{kg.file.where}: there is no .link file, so nothing joins its triples to the items",
            "Add it, or move the .kg file away to load without it.",
        )
    triples = _columns(kg, ("head_id", "relation_id", "tail_id"), rejects)
    pairs = _columns(link, (item_column, "entity_id"), rejects)
    pairs, report = _corrected(link, pairs.set_axis(["itemId", "entity"], axis=1))
    links, link_report = as_graph_ids(pairs, item_ids)
    triples = triples.set_axis(["head", "relation", "tail"], axis=1)
    known = knowledge_of(kg.file.where, triples, links, label, taken, options.all_triples)
    known.report.update({**link_report, **report})
    return known


def _columns(atomic: Atomic, names: tuple[str, ...], rejects: Rejects) -> pd.DataFrame:
    """These columns of all rows; a row without one of the values is rejected."""
    columns = atomic.by_name_or_place(*names)
    rows = atomic.read(columns, rejects)
    wanted = rows[[one.name for one in columns]].apply(trimmed)
    absent = wanted.isna().any(axis=1)
    for line in rows.loc[absent, "line"]:
        rejects.add(atomic.file.where, int(line), "a field is empty")
    return wanted[~absent]


def _corrected(link: Atomic, pairs: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, int]]:
    """The published link file of ml-100k through the crosswalk of its own source."""
    name = link.file.name
    if name != "ml-100k.link" or not is_published(name, link.file.read()):
        return pairs, {}
    films = pairs.astype({"itemId": "int64"}).rename(columns={"entity": "freebaseId"})
    found, report = crosswalk.corrected(films)
    return pd.DataFrame(
        {"itemId": found["itemId"].astype("str"), "entity": found["freebaseId"]}
    ), report


def _schema(label: str, users: NodeTable, items: NodeTable, known: KnowledgeGraph) -> GraphSchema:
    categories = list(items.values)
    return GraphSchema(
        item_label=label,
        entity_labels=(
            *dict.fromkeys(one.label for one in categories),
            *((KG_LABEL,) if len(known.entities) else ()),
        ),
        edges=(*(EdgeType(one.type, label, one.label) for one in categories), *known.types),
        user_properties=_properties(users),
        item_properties=_properties(items),
    )


def _properties(things: NodeTable) -> tuple[str, ...]:
    return tuple(str(name) for name in things.table if name != "id")


def _read(users: NodeTable, items: NodeTable) -> dict[str, int]:
    return {"users": len(users.table), "items": len(items.table)}


def _unused(roles: InteractionColumns) -> dict[str, int]:
    return {f"columns left out: {one.name} of .inter": 1 for one in roles.left_out}
