"""The source ``credits``: directors, writers and actors for movies that the graph has."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from ....errors import InputError
from ...reading.files import SourceFile, find_files
from ...source import CanonicalTables, GraphSchema, Reading, Source, SourceOptions
from .formats import Format, read_credits
from .tables import EDGES, LABELS, credit_tables

SCHEMA = GraphSchema(item_label="Movie", entity_labels=LABELS, edges=EDGES)
_NAMES = ("auxiliary.txt", "movies_extrainfos.dat", "movies.csv")


class CreditsOptions(SourceOptions):
    """Options of ``reelgraph load credits``."""

    ids: str | None = Field(
        None,
        description="id space of the file's movie ids, such as ml-20m, if its format does not say",
    )


class Credits(Source):
    """Load directors, writers and actors by name, for the movies of MovieLens in the graph.

    PATH is a file of one of three formats: lines such as 'id:1|director:A,B|actors:C,D' for
    MovieLens 100K; lines of 11 fields separated by '::' with director, writer and actors as
    the 7th to 9th; or CSV with movieId and director, writer or actors, names separated by
    '|'. The ids of the latter two are those that MovieLens uses since 1M. Rows about movies
    that the graph does not have are counted.

    The files give names and nothing else, so namesakes become one person: the Steve McQueen
    of Bullitt is the Steve McQueen who directed Hunger. Nor can they be matched with people
    that another source knows by ids: beside the Freebase people of the source ml-100k they
    would be there twice, so join credits to what the source movielens has loaded.
    """

    name: ClassVar[str] = "credits"
    description: ClassVar[str] = "directors, writers and actors by name for movies of MovieLens"
    examples: ClassVar[tuple[str, ...]] = (
        "reelgraph load credits movies_extrainfos.dat.gz",
        "reelgraph load credits movies.csv --ids ml-20m",
    )
    options_class: ClassVar[type[SourceOptions]] = CreditsOptions

    def read(self, path: Path | None, reading: Reading[Any]) -> CanonicalTables:
        rows = read_credits(credits_file(path), reading.rejects)
        entities, edges, report = credit_tables(rows)
        return CanonicalTables(
            source=self.name,
            id_space=reading.options.ids or usual_id_space(rows.format),
            schema=SCHEMA,
            users=None,
            items=None,
            entities=entities,
            edges=edges,
            interactions=None,
            report=report,
            joins=fitting(rows.format, reading.options.ids),
        )


def credits_file(path: Path | None) -> SourceFile:
    """The file of credits at a path. :raises InputError: when there is none."""
    if path is None:
        raise InputError(
            "the source credits needs a file", "reelgraph load credits movies_extrainfos.dat.gz"
        )
    found = find_files(path)
    return found.files[0] if len(found.files) == 1 else found.need(*_NAMES)


def usual_id_space(form: Format) -> str:
    """The release that files of this format were made for."""
    return {"pairs": "ml-100k", "extrainfos": "ml-1m", "table": "ml-latest-small"}[form]


def fitting(form: Format, ids: str | None) -> Callable[[str], bool]:
    """Whether the movie ids of a format are those of an id space."""
    if ids is not None:
        return lambda space: space == ids
    if form == "pairs":
        return lambda space: space == "ml-100k"
    return lambda space: space.startswith("ml-") and space != "ml-100k"
