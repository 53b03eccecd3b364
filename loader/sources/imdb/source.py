"""The source ``imdb``: IMDb's official files and a file of user ratings."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pandas as pd

from ...reading.rejects import Rejects
from ...source import (
    CanonicalTables,
    EdgeType,
    GraphSchema,
    InteractionTable,
    Reading,
    Source,
    SourceOptions,
)
from . import files
from .membership import among
from .options import ImdbOptions, rule_texts
from .ratings import read_ratings
from .rules import MovieSelection, settle

_ROLES = {"ACTED_IN": "Actor", "DIRECTED": "Director", "WROTE": "Writer"}
_PROPERTIES = (
    "imdbId",
    "title",
    "originalTitle",
    "year",
    "runtimeMinutes",
    "averageRating",
    "numVotes",
)

SCHEMA = GraphSchema(
    item_label="Movie",
    entity_labels=("Genre", "Person", "Actor", "Director", "Writer"),
    edges=(
        EdgeType("HAS_GENRE", "Movie", "Genre"),
        EdgeType("ACTED_IN", "Person", "Movie", "Entity", "Item"),
        EdgeType("DIRECTED", "Person", "Movie", "Entity", "Item"),
        EdgeType("WROTE", "Person", "Movie", "Entity", "Item"),
    ),
    item_properties=_PROPERTIES,
    rating_scale=10.0,
)


class Imdb(Source):
    """Movies and people of IMDb with the ratings of users, filtered by the rules of [KG-LSTM].

    The rules are those of its section 3.2: titles of type movie with start year, directors,
    writers, genres, actors, enough votes and a good average; one rating of each user and movie,
    of which the last row counts; users and movies with enough ratings, repeated until both hold;
    actors and directors with enough of the movies that are left.
    [KG-LSTM] names two contradictory pairs of thresholds. Both are presets.

    ``averageRating`` and ``numVotes`` are what IMDb said on the day of the download, long
    after most of the ratings. They are for analysts and are not features of a model by
    default: they would tell it the future.

    Memory: the user ratings as columns, all titles of type movie, and the credits of the rated
    movies that are left. The other files are read in blocks and never held.
    """

    name: ClassVar[str] = "imdb"
    description: ClassVar[str] = "IMDb's official files with a CSV of user ratings"
    licence: ClassVar[str] = (
        "IMDb's files are for personal and non-commercial use "
        "(developer.imdb.com/non-commercial-datasets); reelgraph does not redistribute them."
    )
    options_class: ClassVar[type[SourceOptions]] = ImdbOptions
    examples: ClassVar[tuple[str, ...]] = (
        "reelgraph load imdb FOLDER --ratings user_rating.csv",
        "reelgraph load imdb FOLDER --ratings user_rating.csv --preset paper-3.2.4 --dry-run",
    )

    def read(self, path: Path | None, reading: Reading[Any]) -> CanonicalTables:
        """:raises InputError: also when the rules leave nothing."""
        options: ImdbOptions = reading.options
        held = files.find_imdb(path, options)
        report: dict[str, int] = {}
        selection = select(held, options, reading.rejects, report)
        people = _people(held, selection, reading.rejects, report)
        ratings, kept = selection.ratings, selection.kept
        entities, genres = _genres(selection.titles)
        return CanonicalTables(
            source=self.name,
            id_space=self.name,
            schema=SCHEMA,
            users=None,
            items=_items(selection.titles),
            entities=pd.concat([entities, people], ignore_index=True).astype(
                {"birthYear": "Int64", "deathYear": "Int64"}
            ),
            edges={"HAS_GENRE": genres, **_credit_edges(selection.credits)},
            interactions=InteractionTable(ratings.where, lambda _: ratings.chunks(kept)),
            report={**ratings.report, **report},
            funnel=selection.funnel,
        )


def select(
    held: files.ImdbFiles, options: ImdbOptions, rejects: Rejects, report: dict[str, int]
) -> MovieSelection:
    """What the rules leave, with the funnel; each file is read when its rule's turn comes."""
    ratings = read_ratings(held.user_ratings, rejects, options.date_format)
    titles = files.read_titles(held.basics, options.title_type, ratings.items, rejects)
    last, known = ratings.last_of_each(), titles.known[ratings.item]
    report["ratings dropped: a later row of the same user and movie"] = int((~last).sum())
    report["ratings dropped: movie not in title.basics"] = int((last & ~known).sum())
    selection = MovieSelection(ratings, titles.table, pd.Series(True, range(len(last))).to_numpy())
    selection.record("read", titles.read)
    selection.kept = last
    selection.record("one rating of each user and movie, the last", titles.read)
    selection.kept = last & known
    selection.record("ratings of titles in title.basics", titles.read)
    _title_rules(selection, held, options, rejects)
    _credit_rules(selection, held, options, rejects)
    settle(selection, options)
    return selection


def _title_rules(
    selection: MovieSelection, held: files.ImdbFiles, options: ImdbOptions, rejects: Rejects
) -> None:
    selection.keep_titles(f"titleType = {options.title_type}", True)
    if options.require_year:
        selection.keep_titles("startYear known", selection.titles["year"].notna())
    if held.title_ratings is not None:
        texts, index = rule_texts(options), selection.titles.index
        table = files.read_title_ratings(held.title_ratings, index, rejects)
        selection.titles = selection.titles.join(table)
        if options.least_average > 0:
            enough = selection.titles["averageRating"] >= options.least_average
            selection.keep_titles(texts["average"], enough)
        if options.least_votes > 0:
            enough = selection.titles["numVotes"] >= options.least_votes
            selection.keep_titles(texts["votes"], enough)
    if options.require_genres:
        selection.keep_titles("genres known", selection.titles["genres"].notna())


def _credit_rules(
    selection: MovieSelection, held: files.ImdbFiles, options: ImdbOptions, rejects: Rejects
) -> None:
    """Only rated movies are looked up in the credits, which are the largest files."""
    rated = selection.ratings.items[selection.ratings.item[selection.kept]].unique()
    selection.keep_titles("rated by a user", among(selection.titles.index, rated))
    index = selection.titles.index
    types = files.PRINCIPALS if held.crew is None else files.ACTORS
    credits = [files.read_principals(held.principals, index, types, rejects)]
    if held.crew is not None:
        credits.append(files.read_crew(held.crew, index, rejects))
    selection.credits = pd.concat(credits, ignore_index=True)
    for text, wanted, kind in (
        ("directors known", options.require_directors, "DIRECTED"),
        ("writers known", options.require_writers, "WROTE"),
        ("actors known", options.require_actors, "ACTED_IN"),
    ):
        if wanted:
            selection.keep_titles(text, selection.have_credit(kind))


def _items(titles: pd.DataFrame) -> pd.DataFrame:
    items = titles.sort_index().reset_index().assign(imdbId=lambda table: table["itemId"])
    return items[["itemId", *(name for name in _PROPERTIES if name in items)]]


def _genres(titles: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Entities, and the edges from movies to them."""
    genres = titles["genres"].dropna().str.split(",").explode()
    edges = pd.DataFrame({"start": genres.index, "end": "genre:" + genres.to_numpy("str")})
    edges = edges.drop_duplicates().sort_values(["start", "end"], ignore_index=True)
    names = sorted(set(genres))
    entities = pd.DataFrame(
        {
            "entityId": [f"genre:{name}" for name in names],
            "name": names,
            "labels": [["Genre"] for _ in names],
        }
    )
    return entities, edges


def _people(
    held: files.ImdbFiles, selection: MovieSelection, rejects: Rejects, report: dict[str, int]
) -> pd.DataFrame:
    """``entityId, name, labels, birthYear, deathYear`` of the people with kept credits."""
    assert selection.credits is not None
    roles = selection.credits["type"].map(_ROLES).groupby(selection.credits["person"]).agg(set)
    roles = roles.sort_index()
    known = files.read_names(held.names, roles.index, rejects).reindex(roles.index)
    report["people without a name in name.basics"] = int(known["name"].isna().sum())
    return pd.DataFrame(
        {
            "entityId": "person:" + roles.index,
            "name": known["name"].fillna(pd.Series(roles.index, roles.index)).to_numpy(),
            "labels": [["Person", *sorted(one)] for one in roles],
            "birthYear": known["birthYear"].to_numpy(),
            "deathYear": known["deathYear"].to_numpy(),
        }
    )


def _credit_edges(credits: pd.DataFrame | None) -> dict[str, pd.DataFrame]:
    assert credits is not None
    edges = {}
    for kind in _ROLES:
        rows = credits[credits["type"] == kind]
        edge = pd.DataFrame({"start": "person:" + rows["person"], "end": rows["itemId"]})
        edges[kind] = edge.sort_values(["start", "end"], ignore_index=True)
    return edges
