"""The source imdb on real files, against plain loops over csv rows."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reelgraph.errors import InputError
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, Reading
from reelgraph.loader.sources.imdb import Imdb
from reelgraph.loader.sources.imdb.options import ImdbOptions

pytestmark = pytest.mark.shared_data


def read(path: Path, **options: Any) -> CanonicalTables:
    return Imdb().read(path, Reading(ImdbOptions(**options), path))


def interactions(tables: CanonicalTables) -> pd.DataFrame:
    assert tables.interactions
    return pd.concat(tables.interactions.chunks(Rejects()), ignore_index=True)


SAMPLE = {"min_average": 0, "min_votes": 0, "crew": False}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="\n") as file:
        header, *lines = [line.rstrip("\n").split("\t") for line in file]
    return [dict(zip(header, line, strict=True)) for line in lines]


def ieee_ratings(shared_data: Path) -> list[dict[str, str]]:
    path = shared_data / "ieee-imdb-ratings" / "user_rating_first50k.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_ratings_of_the_paper_on_seven_small_files(shared_data: Path) -> None:
    folder = shared_data / "imdb" / "tiny_all7"
    tables = read(
        folder,
        ratings=shared_data / "ieee-imdb-ratings" / "user_rating_first50k.csv.gz",
        title_type="short",
        require_writers=False,
        require_actors=False,
        min_average=5,
        min_votes=100,
    )
    rows = ieee_ratings(shared_data)
    last = {(row["userID"], row["movieID"]): row for row in rows}
    votes = {row["tconst"]: row for row in rows_of(folder / "title.ratings.tsv")}
    titles = {row["tconst"]: row for row in rows_of(folder / "title.basics.tsv")}
    directors = {row["tconst"]: row["directors"] for row in rows_of(folder / "title.crew.tsv")}
    known = [pair for pair in last if pair[1] in titles]
    good = [
        pair
        for pair in known
        if titles[pair[1]]["titleType"] == "short"
        and float(votes[pair[1]]["averageRating"]) >= 5
        and int(votes[pair[1]]["numVotes"]) >= 100
        and directors[pair[1]] != r"\N"
    ]
    busy = {user for user, number in Counter(user for user, _ in good).items() if number >= 2}
    expected = {pair for pair in good if pair[0] in busy}
    assert tables.report["ratings read"] == len(rows)
    assert tables.report["ratings dropped: movie not in title.basics"] == len(last) - len(known)
    repeated = tables.report["ratings dropped: a later row of the same user and movie"]
    assert repeated == len(rows) - len(last)
    found = interactions(tables)
    assert set(zip(found["userId"], found["itemId"], strict=True)) == expected
    assert expected


def test_movies_of_the_sample_are_none_that_the_users_rated(shared_data: Path) -> None:
    ratings = shared_data / "ieee-imdb-ratings" / "user_rating_first50k.csv.gz"
    with pytest.raises(InputError, match="after 'ratings of titles in title"):
        read(shared_data / "imdb" / "sample2000_consistent", ratings=ratings, **SAMPLE)


@dataclass
class Plain:
    """The rules with sets and loops: ``pairs`` (user, movie), ``credits`` (role, person, movie)."""

    titles: dict[str, dict[str, str]]
    pairs: set[tuple[str, str]]
    credits: set[tuple[str, str, str]]
    counts: list[tuple[int, int | None, int, int]] = field(default_factory=list)

    def note(self, people: bool = True) -> None:
        self.pairs = {(user, item) for user, item in self.pairs if item in self.titles}
        persons = {who for _, who, item in self.credits if item in self.titles}
        users = len({user for user, _ in self.pairs})
        known = len(persons) if people else None
        self.counts.append((len(self.titles), known, users, len(self.pairs)))

    def only(self, items: set[str], people: bool = True) -> None:
        self.titles = {item: self.titles[item] for item in self.titles.keys() & items}
        self.note(people)

    def about_titles(self) -> None:
        for _ in range(3):  # no repeated rows in a set, no other titles, no other types
            self.note(people=False)
        for column in ("startYear", "genres"):
            self.only({item for item, row in self.titles.items() if row[column] != r"\N"}, False)
        self.only({item for _, item in self.pairs}, False)
        for kind in ("direct", "write", "act"):
            self.only({item for role, _, item in self.credits if role == kind})

    def until_nothing_changes(self, of_user: int, of_movie: int) -> int:
        rounds = 0
        while True:
            before = (len(self.titles), len(self.pairs))
            busy = Counter(user for user, _ in self.pairs)
            self.pairs = {one for one in self.pairs if busy[one[0]] >= of_user}
            self.note()
            rated = Counter(item for _, item in self.pairs)
            self.only({item for item in self.titles if rated[item] >= of_movie})
            if before == (len(self.titles), len(self.pairs)):
                del self.counts[-2:]
                return rounds
            rounds += 1

    def people(self, kind: str, least: int) -> None:
        self.credits = {one for one in self.credits if one[2] in self.titles}
        number = Counter(who for role, who, _ in self.credits if role == kind)
        self.credits = {one for one in self.credits if one[0] != kind or number[one[1]] >= least}
        self.note()


ROLES = {"actor": "act", "actress": "act", "director": "direct", "writer": "write"}


def test_the_funnel_on_the_sample(shared_data: Path, tmp_path: Path) -> None:
    """The paper's ratings, moved to the movies of the sample."""
    folder = shared_data / "imdb" / "sample2000_consistent"
    titles = {row["tconst"]: row for row in rows_of(folder / "title.basics.tsv")}
    ids = sorted(titles)
    moved = [
        (row["userID"], ids[int(row["movieID"][2:]) % len(ids)], row["rating"], row["review date"])
        for row in ieee_ratings(shared_data)
    ]
    with (tmp_path / "moved.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("user id", "tconst", "rating", "date"), *moved])
    tables = read(folder, ratings=tmp_path / "moved.csv", min_movie_ratings=9, **SAMPLE)

    principals = rows_of(folder / "title.principals.tsv")
    credits = {(ROLES.get(row["category"], ""), row["nconst"], row["tconst"]) for row in principals}
    plain = Plain(titles, {row[:2] for row in moved}, {one for one in credits if one[0]})
    users = len({row[0] for row in moved})
    plain.about_titles()
    assert plain.until_nothing_changes(2, 9) > 1
    plain.people("act", 2)
    plain.people("direct", 1)

    first, *others = [tuple(row.values())[1:] for row in tables.funnel]
    assert first == (len(ids), None, users, len(moved))
    assert others == plain.counts
    assert tables.items is not None
    assert set(tables.items["itemId"]) == set(plain.titles)
    last = {row[:2]: (float(row[2]), row[3]) for row in moved}
    found = interactions(tables)
    written = pd.to_datetime(found["timestamp"], unit="s").dt.strftime("%-d %B %Y")
    given = zip(found["userId"], found["itemId"], found["rating"], written, strict=True)
    assert {(user, item): value for user, item, *value in given} == {
        pair: [last[pair][0], last[pair][1].lstrip("0")] for pair in plain.pairs
    }
    for kind, role in (("ACTED_IN", "act"), ("DIRECTED", "direct"), ("WROTE", "write")):
        edges = set(tables.edges[kind].itertuples(index=False, name=None))
        assert edges == {(f"person:{who}", item) for one, who, item in plain.credits if one == role}
    names = {row["nconst"]: row["primaryName"] for row in rows_of(folder / "name.basics.tsv")}
    people = tables.entities[tables.entities["entityId"].str.startswith("person:")]
    ids_of_people = [one.removeprefix("person:") for one in people["entityId"]]
    assert people["name"].tolist() == [names.get(one, one) for one in ids_of_people]
