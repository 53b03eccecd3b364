"""Ratings, users, movies and links of a release as canonical tables, with what was counted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import pandas as pd

from ....errors import InputError
from ...reading.files import SourceFile
from ...reading.rejects import Rejects
from ...reading.textfile import Layout, stream_table
from ...reading.titles import readable, year_in
from ...source import InteractionTable
from .reader import Columns, Reader, Report, layout
from .releases import Release

NO_GENRES = ("unknown", "(no genres listed)")
# README of ML-1M: ages are ranges, named by their first year, and occupations are numbers
AGE_GROUPS = {
    1: "Under 18",
    18: "18-24",
    25: "25-34",
    35: "35-44",
    45: "45-49",
    50: "50-55",
    56: "56+",
}
OCCUPATIONS = {
    0: "other",
    1: "academic/educator",
    2: "artist",
    3: "clerical/admin",
    4: "college/grad student",
    5: "customer service",
    6: "doctor/health care",
    7: "executive/managerial",
    8: "farmer",
    9: "homemaker",
    10: "K-12 student",
    11: "lawyer",
    12: "programmer",
    13: "retired",
    14: "sales/marketing",
    15: "scientist",
    16: "self-employed",
    17: "technician/engineer",
    18: "tradesman/craftsman",
    19: "unemployed",
    20: "writer",
}
_RATING: Columns = {
    "userId": "integer",
    "movieId": "integer",
    "rating": "number",
    "timestamp": "integer",
}
_MOVIE: Columns = {"movieId": "integer", "title": "text", "genres": "text"}
_USER = ("userId", "age", "gender", "occupation")
_LEAST, _MOST = 0.5, 5.0


def interactions(release: Release) -> InteractionTable:
    """The ratings, read in chunks; ratings outside of 0.5 to 5 are rejected."""
    file = release.files.need("u.data", "ratings.dat", "ratings.csv")
    form = layout(release, _RATING)
    if release.kind == "100k":
        form = Layout(_RATING, "\t", tuple(_RATING), quoted=False, encoding="latin-1")

    def chunks(rejects: Rejects) -> Iterator[pd.DataFrame]:
        for frame in stream_table(file, form, rejects):
            possible = frame["rating"].between(_LEAST, _MOST)
            reason = f"column rating: {{rating}} is not from {_LEAST} to {_MOST:.0f}"
            Reader(rejects).reject(file, frame[~possible], reason, "rating outside of 0.5 to 5")
            yield frame[possible].rename(columns={"movieId": "itemId"})

    return InteractionTable(file.where, chunks)


def users(
    release: Release, tags: pd.DataFrame | None, reader: Reader
) -> tuple[pd.DataFrame | None, Report]:
    """Who the users say they are; None where they are just those who rate.

    In 10M users were chosen for ratings and for tags apart: some have only tags. In the CSV
    releases all have ratings.
    """
    if release.kind == "csv":
        return None, {}
    if release.kind == "10m" and tags is not None:
        return _raters_and_taggers(release, tags)
    return _demographics(release, reader), {}


def _raters_and_taggers(release: Release, tags: pd.DataFrame) -> tuple[pd.DataFrame, Report]:
    form = layout(release, {"userId": "integer"}, tuple(_RATING))
    bad = Rejects(limit=sys.maxsize)  # they are rejected when the ratings are read
    parts = stream_table(release.files.need("ratings.dat"), form, bad)
    raters = set().union(*(part["userId"].unique().tolist() for part in parts))
    taggers = set(tags["userId"].tolist())
    frame = pd.DataFrame({"userId": sorted(raters | taggers)})
    return frame, {"users who only tag": len(taggers - raters)}


def _demographics(release: Release, reader: Reader) -> pd.DataFrame:
    """``age`` is a number of years (100K) or the first year of ``ageGroup`` (1M; 1 for under
    18). Zip codes are left out: nothing uses them, and they say more about a person than
    needed.
    """
    if release.kind == "100k":
        file = release.files.need("u.user")
        names = ("userId", "age", "gender", "occupation", "zip")
        kinds: Columns = {"userId": "integer", "age": "integer"}
    else:
        file = release.files.need("users.dat")
        names = ("userId", "gender", "age", "occupation", "zip")
        kinds = {"userId": "integer", "age": "integer", "occupation": "integer"}
    wanted: Columns = {name: kinds.get(name, "text") for name in _USER}
    frame = reader.table(file, layout(release, wanted, names, missing=("",)), "userId")
    if release.kind == "1m":
        frame = _decoded(frame, file, reader)
    return frame.drop(columns="line").sort_values("userId", ignore_index=True)


def _decoded(frame: pd.DataFrame, file: SourceFile, reader: Reader) -> pd.DataFrame:
    """Users of 1M with words instead of codes."""
    for code, words in (("age", AGE_GROUPS), ("occupation", OCCUPATIONS)):
        known = frame[code].isin(words)
        reason = f"column {code}: {{{code}}} is none of the codes of the release's README"
        reader.reject(file, frame[~known], reason, f"unknown code of {code}")
        frame = frame[known]
    frame = frame.assign(
        ageGroup=frame["age"].map(AGE_GROUPS), occupation=frame["occupation"].map(OCCUPATIONS)
    )
    return frame[["userId", "age", "ageGroup", "gender", "occupation", "line"]]


def movies(release: Release, reader: Reader) -> tuple[pd.DataFrame, pd.DataFrame, Report]:
    """Movies (``itemId, movieId, title, year``), their genres (``itemId, genre``), counts."""
    file = release.files.need("u.item", "movies.dat", "movies.csv")
    if release.kind == "100k":
        raw = _item_file(release, file, reader)
    else:
        raw = reader.table(file, layout(release, _MOVIE), "movieId")
        raw = raw.assign(genres=raw["genres"].str.strip().str.split("|"))
    titles = raw["title"].map(year_in)
    frame = pd.DataFrame(
        {
            "itemId": raw["movieId"],
            "movieId": raw["movieId"],
            "title": titles.str[0].map(readable),
            "year": pd.to_numeric(titles.str[1], errors="coerce").astype("Int64"),
        }
    )
    genres = raw[["movieId", "genres"]].explode("genres").dropna().drop_duplicates()
    genres = genres.set_axis(["itemId", "genre"], axis=1)
    known = ~genres["genre"].isin([*NO_GENRES, ""])
    report = {
        "movies read": len(frame),
        "movies without a year": int(frame["year"].isna().sum()),
        "genres dropped: 'unknown' or '(no genres listed)'": int((~known).sum()),
        "movies without a genre": int((~frame["itemId"].isin(genres.loc[known, "itemId"])).sum()),
    }
    return frame.sort_values("itemId", ignore_index=True), genres[known], report


def _item_file(release: Release, file: SourceFile, reader: Reader) -> pd.DataFrame:
    """``u.item``: a column of 0 and 1 per genre, named by ``u.genre``, becomes a list of names."""
    names = _genre_names(release.files.need("u.genre"))
    columns: Columns = {"movieId": "integer", "title": "text"}
    columns.update(dict.fromkeys(names, "integer"))
    fields = ("movieId", "title", "released", "released on video", "url", *names)
    raw = reader.table(file, layout(release, columns, fields), "movieId").reset_index(drop=True)
    rows, places = (raw[list(names)] == 1).to_numpy().nonzero()
    held = pd.Series([names[place] for place in places], index=rows, dtype="object")
    return raw[["movieId", "title"]].assign(genres=held.groupby(level=0).agg(list))


def _genre_names(file: SourceFile) -> tuple[str, ...]:
    """The genres of ``u.genre`` (``name|number``) in the order of their numbers."""
    numbered = {}
    for line, text in enumerate(file.read().decode("latin-1").splitlines(), start=1):
        name, _, number = text.strip().partition("|")
        if not text.strip():
            continue
        if not name or not number.isdecimal():
            raise InputError(
                f"{file.where}, line {line}: '{text}' is not a genre and its number",
                "Lines look like: Action|1",
            )
        numbered[int(number)] = name
    if sorted(numbered) != list(range(len(numbered))) or not numbered:
        raise InputError(
            f"{file.where}: the genres are not numbered 0, 1, 2, …", "Get the file again."
        )
    return tuple(numbered[number] for number in sorted(numbered))


def links(
    release: Release, known: pd.Series[Any], reader: Reader
) -> tuple[pd.DataFrame | None, Report]:
    """``itemId, imdbId`` (as in ``tt0114709``), ``tmdbId``; None without a ``links.csv``."""
    file = release.files.find("links.csv") if release.kind == "csv" else None
    if file is None:
        return None, {}
    columns: Columns = {"movieId": "integer", "imdbId": "text", "tmdbId": "integer"}
    raw = reader.table(file, layout(release, columns, missing=("",)), "movieId")
    frame = pd.DataFrame(
        {
            "itemId": raw["movieId"],
            "imdbId": "tt" + raw["imdbId"].str.zfill(7),
            "tmdbId": raw["tmdbId"],
        }
    )
    fits = frame["itemId"].isin(known)
    report = {
        "links dropped: unknown movie": int((~fits).sum()),
        "movies without an imdbId": len(known) - int(frame.loc[fits, "imdbId"].notna().sum()),
        "movies without a tmdbId": len(known) - int(frame.loc[fits, "tmdbId"].notna().sum()),
    }
    return frame[fits], report
