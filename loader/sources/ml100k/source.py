"""The source ``ml-100k``: MovieLens 100K with its Freebase knowledge graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from ...reading.files import SourceFiles
from ...reading.ids import as_ids
from ...reading.textfile import Kind, Layout, read_table
from ...source import CanonicalTables, EdgeType, GraphSchema, InteractionTable, Reading, Source
from . import crosswalk
from .files import find_files, is_published
from .knowledge import film_relations
from .names import known_countries, known_people
from .tables import edges_table, entities_table, interactions_table, movies_table, users_table

SCHEMA = GraphSchema(
    item_label="Movie",
    entity_labels=(
        "Genre",
        "Person",
        "Director",
        "Writer",
        "Producer",
        "Actor",
        "Country",
        "Subject",
    ),
    edges=(
        EdgeType("HAS_GENRE", "Movie", "Genre"),
        EdgeType("DIRECTED", "Person", "Movie", "Entity", "Item"),
        EdgeType("WROTE", "Person", "Movie", "Entity", "Item"),
        EdgeType("PRODUCED", "Person", "Movie", "Entity", "Item"),
        EdgeType("ACTED_IN", "Person", "Movie", "Entity", "Item"),
        EdgeType("PRODUCED_IN", "Movie", "Country"),
        EdgeType("HAS_SUBJECT", "Movie", "Subject"),
        EdgeType("HAS_SEQUEL", "Movie", "Movie", "Item", "Item"),
    ),
    user_properties=("age", "gender", "occupation"),
    item_properties=("movieId", "title", "year"),
    rating_scale=5.0,
)

_COLUMNS: dict[str, dict[str, Kind]] = {
    "ml-100k.user": {
        "user_id:token": "text",
        "age:token": "text",
        "gender:token": "text",
        "occupation:token": "text",
    },
    "ml-100k.item": {
        "item_id:token": "text",
        "movie_title:token_seq": "text",
        "release_year:token": "text",
        "class:token_seq": "text",
    },
    "ml-100k.inter": {
        "user_id:token": "text",
        "item_id:token": "text",
        "rating:float": "number",
        "timestamp:float": "number",
    },
    "ml-100k.link": {"item_id:token": "text", "entity_id:token": "text"},
    "ml-100k.kg": {"head_id:token": "text", "relation_id:token": "text", "tail_id:token": "text"},
}


class MovieLens100K(Source):
    """Ratings, users and movies of MovieLens 100K, and who made them, from Freebase.

    The published ``.link`` file gives Freebase films to the wrong movies: its item ids are
    those of MovieLens 1M and 20M (github.com/RUCAIBox/RecSysDatasets, issue 130). So the
    file with the known checksum is read through ``crosswalk.csv``, which pairs both kinds of
    ids, made by comparing titles and years. Another ``.link`` file is taken at its word.

    The knowledge graph has ids and no names. Some people of the published one get theirs from
    ``people.csv``, countries from ``countries.csv``; the others have none, nor have most subjects.

    Zip codes are left out: nothing uses them, and they say more about a person than needed.
    """

    name: ClassVar[str] = "ml-100k"
    description: ClassVar[str] = "MovieLens 100K with people, countries and subjects from Freebase"
    licence: ClassVar[str] = (
        "MovieLens 100K (F. M. Harper and J. A. Konstan, 2015, doi:10.1145/2827872) is for "
        "research; it may not be redistributed or used commercially without permission of "
        "GroupLens. reelgraph does not redistribute it: it is read from the package recbole "
        "1.2.1 (MIT licence), with Freebase data (CC BY) linked by KB4Rec."
    )

    def read(self, path: Path | None, reading: Reading[Any]) -> CanonicalTables:
        files = find_files(path, reading.cache_dir)
        frames = {
            name: read_table(files.need(name), Layout(columns, "\t", quoted=False), reading.rejects)
            for name, columns in _COLUMNS.items()
        }
        users, items, interactions, links, triples = _with_ids(frames)
        people = users_table(users, files)
        movies, genres, report = movies_table(items, files)
        ratings = interactions_table(interactions)
        links, link_report = _links(links, movies, files)
        knowledge = film_relations(triples.set_axis(["head", "relation", "tail"], axis=1), links)
        entities = entities_table(genres, knowledge, _names(files))
        return CanonicalTables(
            source=self.name,
            id_space=self.name,
            schema=SCHEMA,
            users=people,
            items=movies,
            entities=entities,
            edges=edges_table(genres, knowledge),
            interactions=InteractionTable.of(files.need("ml-100k.inter").where, ratings),
            report={
                "users read": len(people),
                "movies read": len(movies),
                **report,
                **link_report,
                **knowledge.report,
                "entities without a name": int(entities["name"].isna().sum()),
            },
        )


def _with_ids(frames: dict[str, pd.DataFrame]) -> tuple[pd.DataFrame, ...]:
    """Users, items, interactions, links and triples, their ids as integers if all are."""
    users, items, interactions, links, triples = (
        frame[list(columns)].copy()
        for frame, columns in zip(frames.values(), _COLUMNS.values(), strict=True)
    )
    user_column, item_column = "user_id:token", "item_id:token"
    users[user_column], interactions[user_column] = as_ids(
        users[user_column], interactions[user_column]
    )
    items[item_column], interactions[item_column], links[item_column] = as_ids(
        items[item_column], interactions[item_column], links[item_column]
    )
    return users, items, interactions, links, triples


def _links(
    raw: pd.DataFrame, movies: pd.DataFrame, files: SourceFiles
) -> tuple[pd.DataFrame, dict[str, int]]:
    """``itemId, freebaseId`` of the movies in the catalogue."""
    links = raw.set_axis(["itemId", "freebaseId"], axis=1).drop_duplicates()
    report = {"links read": len(links)}
    if _is_published(files, "ml-100k.link"):
        links, corrections = crosswalk.corrected(links)
        report.update(corrections)
    known = links["itemId"].isin(movies["itemId"])
    report["links dropped: unknown movie"] = int((~known).sum())
    report["movies without a link"] = int((~movies["itemId"].isin(links["itemId"])).sum())
    return links[known], report


def _names(files: SourceFiles) -> pd.Series[str]:
    """By freebaseId; people only of the published graph, whose ids these are."""
    people = known_people() if _is_published(files, "ml-100k.kg") else known_people()[:0]
    return pd.concat([people, known_countries()])


def _is_published(files: SourceFiles, name: str) -> bool:
    return is_published(name, files.need(name).read())
