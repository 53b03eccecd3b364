"""IMDb's files, read in blocks; only rows about wanted titles and people are kept.

At full size ``title.basics`` has 11 million rows and ``title.principals`` 90 million. What is
held of them: all titles of the wanted type (about 700,000 movies), the credits of the movies
that the rules before them left, and the names of the people in these credits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ....errors import InputError
from ...reading.files import SourceFile, SourceFiles, find_files
from ...reading.rejects import Rejects
from ...reading.textfile import Kind, Layout, stream_table
from .membership import among, places
from .options import ImdbOptions, rule_texts

_MISSING = (r"\N", "")
_RATINGS_NAMES = ("user_rating.csv", "user_ratings.csv")
_CREW = {"directors": "DIRECTED", "writers": "WROTE"}
ACTORS = {"actor": "ACTED_IN", "actress": "ACTED_IN"}
PRINCIPALS = {**ACTORS, "director": "DIRECTED", "writer": "WROTE"}


@dataclass(frozen=True)
class ImdbFiles:
    """The files that the options ask for; None for those that they do without."""

    basics: SourceFile
    principals: SourceFile
    names: SourceFile
    user_ratings: SourceFile
    title_ratings: SourceFile | None
    crew: SourceFile | None


def find_imdb(path: Path | None, options: ImdbOptions) -> ImdbFiles:
    """:raises InputError: for a file that is not there; says which option does without it."""
    if path is None:
        raise InputError(
            "the source imdb needs the folder with IMDb's files",
            "reelgraph load imdb FOLDER --ratings FILE; they are title.basics, title.ratings, "
            "title.principals, title.crew and name.basics, as .tsv or .tsv.gz.",
        )
    held, rules = find_files(path), rule_texts(options)
    return ImdbFiles(
        basics=held.need("title.basics.tsv"),
        principals=held.need("title.principals.tsv"),
        names=held.need("name.basics.tsv"),
        user_ratings=_user_ratings(held, options.ratings),
        title_ratings=_optional(
            held,
            "title.ratings.tsv",
            f"the rules {rules['average']} and {rules['votes']} need it",
            "--min-average 0 --min-votes 0 leaves these rules out",
            wanted=options.needs_title_ratings,
        ),
        crew=_optional(
            held,
            "title.crew.tsv",
            "it names directors and writers",
            "--no-crew takes them from title.principals, which names fewer",
            wanted=options.crew,
        ),
    )


def _optional(
    held: SourceFiles, name: str, need: str, without: str, wanted: bool
) -> SourceFile | None:
    found = held.find(name)
    if found is None and wanted:
        raise InputError(f"{held.place}: there is no {name}, and {need}", f"Add it; {without}.")
    return found if wanted else None


def _user_ratings(held: SourceFiles, path: Path | None) -> SourceFile:
    if path is None:
        found = held.find(*_RATINGS_NAMES)
        if found is None:
            raise InputError(
                f"{held.place}: there is no file of user ratings",
                "Name it: --ratings FILE, a CSV with userID, movieID or tconst, rating, review "
                "date. IMDb itself publishes none.",
            )
        return found
    files = find_files(path).files
    if len(files) != 1:
        raise InputError(f"{path} holds {len(files)} files instead of one", "Give the file itself.")
    return files[0]


def _stream(
    file: SourceFile, rejects: Rejects, *texts: str, **numbers: Kind
) -> Iterator[pd.DataFrame]:
    """Columns of one of IMDb's files: tabs, no quoting, ``\\N`` for what is not known."""
    layout = Layout(
        {**dict.fromkeys(texts, "text"), **numbers}, "\t", None, False, "utf-8", _MISSING
    )
    return stream_table(file, layout, rejects)


@dataclass(frozen=True)
class Titles:
    """``table`` by itemId: ``title, originalTitle, year, runtimeMinutes, genres`` of one type.

    ``read`` counts the rows of the file, ``known`` says which of the rated ids are in it.
    """

    table: pd.DataFrame
    read: int
    known: npt.NDArray[np.bool]


def read_titles(
    file: SourceFile, title_type: str, rated: pd.Index[Any], rejects: Rejects
) -> Titles:
    """The titles of this ``titleType``. Years and runtimes that are not numbers are missing."""
    read, known, parts = 0, np.zeros(len(rated), bool), []
    columns = ("titleType", "primaryTitle", "originalTitle", "startYear", "runtimeMinutes")
    for frame in _stream(file, rejects, "tconst", *columns, "genres"):
        read += len(frame)
        found = places(frame["tconst"], rated)
        known[found[found >= 0]] = True
        parts.append(frame[frame["titleType"] == title_type])
    raw = _distinct(file, pd.concat(parts, ignore_index=True), "tconst", rejects)
    title = raw["primaryTitle"].fillna(raw["originalTitle"]).fillna(raw["tconst"])
    table = pd.DataFrame(
        {
            "title": title,
            "originalTitle": raw["originalTitle"],
            "year": _whole(raw["startYear"]),
            "runtimeMinutes": _whole(raw["runtimeMinutes"]),
            "genres": raw["genres"],
        }
    )
    return Titles(table.set_index(pd.Index(raw["tconst"], name="itemId")), read, known)


def read_title_ratings(file: SourceFile, titles: pd.Index[Any], rejects: Rejects) -> pd.DataFrame:
    """``averageRating, numVotes`` by itemId, for these titles."""
    frames = _stream(file, rejects, "tconst", averageRating="number", numVotes="integer")
    raw = pd.concat([frame[among(frame["tconst"], titles)] for frame in frames], ignore_index=True)
    raw = _distinct(file, raw, "tconst", rejects)
    return raw.set_index(pd.Index(raw["tconst"], name="itemId"))[["averageRating", "numVotes"]]


def read_crew(file: SourceFile, titles: pd.Index[Any], rejects: Rejects) -> pd.DataFrame:
    """Directors and writers of these titles: distinct ``type, person, itemId``."""
    parts = []
    for frame in _stream(file, rejects, "tconst", *_CREW):
        wanted = frame[among(frame["tconst"], titles)]
        for column, kind in _CREW.items():
            rows = wanted.loc[wanted[column].notna(), ["tconst", column]]
            people = rows[column].str.split(",")
            parts.append(_credits(rows.assign(person=people).explode("person"), kind))
    return pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)


def read_principals(
    file: SourceFile, titles: pd.Index[Any], types: dict[str, str], rejects: Rejects
) -> pd.DataFrame:
    """Credits of these titles in the categories of ``types``: ``type, person, itemId``."""
    parts = []
    for frame in _stream(file, rejects, "tconst", "nconst", "category"):
        wanted = frame[frame["category"].isin(types) & among(frame["tconst"], titles)]
        people = wanted.rename(columns={"nconst": "person"})
        parts.append(_credits(people, people["category"].map(types)))
    return pd.concat(parts, ignore_index=True).drop_duplicates(ignore_index=True)


def read_names(file: SourceFile, people: pd.Index[Any], rejects: Rejects) -> pd.DataFrame:
    """``name, birthYear, deathYear`` by nconst, for these people."""
    frames = _stream(file, rejects, "nconst", "primaryName", "birthYear", "deathYear")
    raw = pd.concat([frame[among(frame["nconst"], people)] for frame in frames], ignore_index=True)
    raw = _distinct(file, raw, "nconst", rejects)
    table = pd.DataFrame(
        {
            "name": raw["primaryName"],
            "birthYear": _whole(raw["birthYear"]),
            "deathYear": _whole(raw["deathYear"]),
        }
    )
    return table.set_index(pd.Index(raw["nconst"], name="nconst"))


def _credits(rows: pd.DataFrame, kind: Any) -> pd.DataFrame:
    table = pd.DataFrame({"type": kind, "person": rows["person"], "itemId": rows["tconst"]})
    return table[table["person"].notna() & (table["person"] != "")]


def _whole(texts: pd.Series[Any]) -> pd.Series[Any]:
    """Whole numbers, also where they are written as 2019.0; NA for other texts."""
    numbers = pd.to_numeric(texts.str.replace(r"\.0*$", "", regex=True), errors="coerce")
    return numbers.where(numbers % 1 == 0).astype("Int64")


def _distinct(file: SourceFile, rows: pd.DataFrame, key: str, rejects: Rejects) -> pd.DataFrame:
    """Rows by a key that is there and occurs once; others are rejected."""
    bad = (rows[key].isna() | rows[key].duplicated()).to_numpy()
    for row in np.flatnonzero(bad):
        line, value = int(rows["line"].iloc[row]), rows[key].iloc[row]
        reason = f"no {key}" if pd.isna(value) else f"{key} '{value}' occurs a second time"
        rejects.add(file.where, line, reason, kind=f"{key} missing or a second time")
    return rows[~bad].reset_index(drop=True)
