"""The source ``movielens``: any release as GroupLens publishes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pandas as pd
from pydantic import Field

from ....errors import InputError
from ...source import CanonicalTables, EdgeType, GraphSchema, Reading, Source, SourceOptions
from ..credits.formats import read_credits
from ..credits.source import credits_file
from ..credits.tables import EDGES as CREDIT_EDGES
from ..credits.tables import LABELS as CREDIT_LABELS
from ..credits.tables import credit_tables
from .reader import Reader, Report
from .releases import Release, find_release
from .tables import interactions, links, movies, users
from .tags import read_tags, tag_tables

SCHEMA = GraphSchema(
    item_label="Movie",
    entity_labels=("Genre", "Tag", *CREDIT_LABELS),
    edges=(
        EdgeType("HAS_GENRE", "Movie", "Genre"),
        EdgeType("TAGGED", "Movie", "Tag"),
        *CREDIT_EDGES,
    ),
    user_properties=("age", "ageGroup", "gender", "occupation"),
    item_properties=("movieId", "title", "year", "imdbId", "tmdbId"),
    rating_scale=5.0,
)


class MovieLensOptions(SourceOptions):
    """Options of ``reelgraph load movielens``."""

    name: str | None = Field(
        None, description="release, such as ml-25m, where folder or archive is not named so"
    )
    credits: Path | None = Field(
        None, description="file with directors, writers and actors, see the source credits"
    )


class MovieLens(Source):
    """Load MovieLens 100K, 1M, 10M or a CSV release (ml-latest-small, ml-20m … ml-32m).

    PATH is a folder or zip file as GroupLens publishes it; single files may be gzipped. The
    files that are there tell the release. Users have demographics in 100K and 1M, movies
    have ids of IMDb and TMDb in the CSV releases, tags are in 10M and CSV: a relationship
    TAGGED with time and user for each. As events they are no knowledge for models.

    In 100K 18 movies are in twice under two ids, and movie 267 is called 'unknown' and has
    neither year nor genre; they stay, since they have ratings. Ages in 1M are ranges: the
    age is where the range begins. The scores of the tag genome are not read.
    """

    name: ClassVar[str] = "movielens"
    description: ClassVar[str] = "MovieLens 100K, 1M, 10M and CSV releases, as published"
    licence: ClassVar[str] = (
        "MovieLens (F. M. Harper and J. A. Konstan, 2015, doi:10.1145/2827872) is for research; "
        "the README of each release says what is allowed. Commercial use needs permission of "
        "GroupLens."
    )
    examples: ClassVar[tuple[str, ...]] = (
        "reelgraph load movielens ml-1m.zip",
        "reelgraph load movielens ml-latest-small --credits movies.csv.gz",
    )
    options_class: ClassVar[type[SourceOptions]] = MovieLensOptions

    def read(self, path: Path | None, reading: Reading[Any]) -> CanonicalTables:
        if path is None:
            raise InputError(
                "the source movielens needs a folder or archive",
                "Get one: reelgraph data get ml-latest-small",
            )
        release, reader = find_release(path, reading.options.name), Reader(reading.rejects)
        items, genres, report = movies(release, reader)
        identifiers, link_report = links(release, items["itemId"], reader)
        if identifiers is not None:
            items = items.merge(identifiers, on="itemId", how="left")
        tags = read_tags(release, items["itemId"], reader)
        people, user_report = users(release, tags, reader)
        entities, edges, edge_report = _knowledge(release, items, genres, tags, reading, reader)
        return CanonicalTables(
            source=self.name,
            id_space=release.name,
            schema=SCHEMA,
            users=people,
            items=items,
            entities=entities,
            edges=edges,
            interactions=interactions(release),
            report={**report, **link_report, **user_report, **edge_report, **reader.damaged},
        )


def _knowledge(
    release: Release,
    items: pd.DataFrame,
    genres: pd.DataFrame,
    tags: pd.DataFrame | None,
    reading: Reading[Any],
    reader: Reader,
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], Report]:
    """Entities and edges from genres, tags and credits."""
    parts, edges, report = [_genre_entities(genres)], {"HAS_GENRE": _genre_edges(genres)}, Report()
    if tags is not None:
        words, edges["TAGGED"], report = tag_tables(tags)
        parts.append(words)
    if reading.options.credits is not None:
        people, made, counts = _credits(reading.options.credits, release, items, reader)
        parts.append(people)
        edges.update(made)
        report.update(counts)
    entities = pd.concat(parts, ignore_index=True).sort_values("entityId", ignore_index=True)
    return entities, edges, report


def _genre_entities(genres: pd.DataFrame) -> pd.DataFrame:
    names = sorted(genres["genre"].unique())
    return pd.DataFrame(
        {
            "entityId": [f"genre:{name}" for name in names],
            "name": names,
            "labels": [["Genre"] for _ in names],
        }
    )


def _genre_edges(genres: pd.DataFrame) -> pd.DataFrame:
    edges = pd.DataFrame({"start": genres["itemId"], "end": "genre:" + genres["genre"]})
    return edges.sort_values(["start", "end"], ignore_index=True)


def _credits(
    path: Path, release: Release, items: pd.DataFrame, reader: Reader
) -> tuple[pd.DataFrame, dict[str, pd.DataFrame], Report]:
    """People of the release's movies; rows about other movies are counted."""
    file = credits_file(path)
    rows = read_credits(file, reader.rejects)
    if (rows.format == "pairs") != (release.kind == "100k"):
        raise InputError(
            f"{file.where}: its movie ids are not those of {release.name}",
            "Files of lines 'id:1|…' belong to ml-100k, others to the later releases.",
        )
    known, read = set(items["itemId"]), len(rows.movies)
    rows.movies = [movie for movie in rows.movies if movie in known]
    rows.credits = [one for one in rows.credits if one.movie in known]
    people, edges, report = credit_tables(rows)
    report = {**report, "rows read": read, "rows dropped: unknown movie": read - len(rows.movies)}
    return people, edges, {f"credits: {name}": number for name, number in report.items()}
