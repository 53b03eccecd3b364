"""The source imdb: each rule on made-up files, the funnel on real ones."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reelgraph.errors import InputError
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, Reading
from reelgraph.loader.sources.imdb import Imdb
from reelgraph.loader.sources.imdb.options import ImdbOptions

HEADERS = {
    "title.basics": "tconst titleType primaryTitle originalTitle isAdult startYear endYear "
    "runtimeMinutes genres",
    "title.ratings": "tconst averageRating numVotes",
    "title.principals": "tconst ordering nconst category job characters",
    "title.crew": "tconst directors writers",
    "name.basics": "nconst primaryName birthYear deathYear primaryProfession knownForTitles",
}
# tt1 to tt4 pass every rule about titles; each of the others fails one
MOVIES: dict[str, list[tuple[Any, ...]]] = {
    "title.basics": [
        ("tt1", "movie", 'The "First', "Le premier", 0, 1999, r"\N", 90, "Drama,Comedy"),
        ("tt2", "movie", "Second", "Second", 0, "2000.0", r"\N", r"\N", "Drama"),
        ("tt3", "movie", "Third", "Third", 0, 2001, r"\N", "long", "Drama"),
        ("tt4", "movie", "Fourth", "Fourth", 0, 2001, r"\N", 80, "War"),
        ("tt5", "short", "A short", "A short", 0, 2001, r"\N", 8, "Drama"),
        ("tt6", "movie", "No year", "No year", 0, r"\N", r"\N", 80, "Drama"),
        ("tt7", "movie", "Low average", "Low", 0, 2001, r"\N", 80, "Drama"),
        ("tt8", "movie", "Few votes", "Few", 0, 2001, r"\N", 80, "Drama"),
        ("tt9", "movie", "No genres", "No", 0, 2001, r"\N", 80, r"\N"),
        ("tt10", "movie", "No directors", "No", 0, 2001, r"\N", 80, "Drama"),
        ("tt11", "movie", "No writers", "No", 0, 2001, r"\N", 80, "Drama"),
        ("tt12", "movie", "No actors", "No", 0, 2001, r"\N", 80, "Drama"),
        ("tt13", "movie", "Never rated", "Never", 0, 2001, r"\N", 80, "Drama"),
        ("tt14", "movie", "In no other file", "No", 0, 2001, r"\N", 80, "Drama"),
    ],
    "title.ratings": [
        *((f"tt{n}", 7.5, 1000) for n in (1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13)),
        ("tt7", 4.4, 1000),
        ("tt8", 9.9, 499),
    ],
    "title.crew": [
        *((f"tt{n}", "nm1", "nm2,nm3") for n in (1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13)),
        ("tt10", r"\N", "nm2"),
        ("tt11", "nm1", r"\N"),
    ],
    "title.principals": [
        *((f"tt{n}", 1, "nm4", "actor", r"\N", '["A "quoted" role"]') for n in range(1, 12)),
        ("tt1", 2, "nm4", "actor", r"\N", '["Another"]'),
        ("tt1", 3, "nm5", "actress", r"\N", r"\N"),
        ("tt1", 4, "nm6", "self", r"\N", r"\N"),
        ("tt2", 2, "nm1", "director", r"\N", r"\N"),
        ("tt2", 3, "nm7", "writer", r"\N", r"\N"),
        ("tt12", 1, "nm6", "self", r"\N", r"\N"),
    ],
    "name.basics": [
        *((f"nm{n}", f"Name {n}", 1950 + n, r"\N", "actor", "tt1") for n in range(1, 7)),
        ("nm99", "Nobody", r"\N", r"\N", "actor", "tt1"),
    ],
}
RATINGS = [
    *(("u1", f"tt{n}", 8, "16 January 2005") for n in range(1, 13)),
    ("u1", "tt14", 5, "16 January 2005"),
    ("u1", "tt99", 5, "16 January 2005"),
    ("u2", "tt1", 3, "17 January 2005"),
    ("u2", "tt2", 4, "17 January 2005"),
    ("u2", "tt1", 9, "1 January 2005"),
    ("u3", "tt4", 9, "1 January 2005"),
]


def write(
    folder: Path,
    movies: dict[str, list[tuple[Any, ...]]],
    ratings: list[tuple[Any, ...]],
    header: str = "userID,movieID,rating,review date",
) -> Path:
    for name, rows in movies.items():
        lines = [HEADERS[name].split(" "), *rows]
        text = "".join("\t".join(map(str, row)) + "\n" for row in lines)
        (folder / f"{name}.tsv").write_text(text, encoding="utf-8")
    with (folder / "user_rating.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header.split(","), *ratings])
    return folder


def read(path: Path, rejects: Rejects | None = None, **options: Any) -> CanonicalTables:
    found = ImdbOptions(**options)
    return Imdb().read(path, Reading(found, path, rejects or Rejects()))


def interactions(tables: CanonicalTables) -> pd.DataFrame:
    assert tables.interactions
    return pd.concat(tables.interactions.chunks(Rejects()), ignore_index=True)


@pytest.fixture
def movies(tmp_path: Path) -> Path:
    return write(tmp_path, MOVIES, RATINGS)


def test_each_rule_drops_its_movie(movies: Path) -> None:
    tables = read(movies)
    assert tables.items is not None
    assert tables.items["itemId"].tolist() == ["tt1", "tt2", "tt3", "tt4"]
    assert [tuple(row.values()) for row in tables.funnel] == [
        ("read", 14, None, 3, 18),
        ("one rating of each user and movie, the last", 14, None, 3, 17),
        ("ratings of titles in title.basics", 14, None, 3, 16),
        ("titleType = movie", 13, None, 3, 15),
        ("startYear known", 12, None, 3, 14),
        ("averageRating ≥ 4.5", 10, None, 3, 12),
        ("numVotes ≥ 500", 9, None, 3, 11),
        ("genres known", 8, None, 3, 10),
        ("rated by a user", 7, None, 3, 10),
        ("directors known", 6, 5, 3, 9),
        ("writers known", 5, 5, 3, 8),
        ("actors known", 4, 5, 3, 7),
        ("ratings of a user ≥ 2", 4, 5, 2, 6),
        ("ratings of a movie ≥ 1", 4, 5, 2, 6),
        ("kept movies of an actor ≥ 2", 4, 4, 2, 6),
        ("kept movies of a director ≥ 1", 4, 4, 2, 6),
    ]


def test_what_is_in_the_tables(movies: Path) -> None:
    tables = read(movies)
    assert tables.items is not None
    first = tables.items.iloc[0].to_dict()
    assert first == {
        **{"itemId": "tt1", "imdbId": "tt1", "title": 'The "First', "originalTitle": "Le premier"},
        **{"year": 1999, "runtimeMinutes": 90, "averageRating": 7.5, "numVotes": 1000},
    }
    assert tables.items["year"].tolist() == [1999, 2000, 2001, 2001]
    assert tables.items["runtimeMinutes"].isna().tolist() == [False, True, True, False]
    people = tables.entities[tables.entities["entityId"].str.startswith("person:")]
    assert dict(zip(people["name"], people["labels"], strict=True)) == {
        "Name 1": ["Person", "Director"],
        "Name 2": ["Person", "Writer"],
        "Name 3": ["Person", "Writer"],
        "Name 4": ["Person", "Actor"],
    }
    assert people["birthYear"].tolist() == [1951, 1952, 1953, 1954]
    assert people["birthYear"].dtype == tables.items["year"].dtype == "Int64"
    assert tables.edges["WROTE"].shape == (8, 2)
    assert tables.edges["ACTED_IN"].to_numpy().tolist() == [
        ["person:nm4", f"tt{n}"] for n in (1, 2, 3, 4)
    ]
    assert ["tt1", "genre:Comedy"] in tables.edges["HAS_GENRE"].to_numpy().tolist()
    of_second = interactions(tables).query("userId == 'u2'")
    assert of_second[["itemId", "rating", "timestamp", "line"]].to_numpy().tolist() == [
        ["tt2", 4.0, 1105920000, 17],
        ["tt1", 9.0, 1104537600, 18],
    ]


@pytest.mark.slow
def test_the_other_preset_and_options(movies: Path) -> None:
    def ids(**options: Any) -> set[str]:
        items = read(movies, **options).items
        assert items is not None
        return {one.removeprefix("tt") for one in items["itemId"]}

    assert ids(preset="paper-3.2.4") == {"1", "2", "3", "4", "8"}
    assert ids(preset="paper-3.2.4", min_votes=500) == {"1", "2", "3", "4"}
    assert ids(min_average=0) == {"1", "2", "3", "4", "7"}
    assert ids(require_writers=False) == {"1", "2", "3", "4", "11"}
    assert ids(require_directors=False) == {"1", "2", "3", "4", "10"}
    assert ids(require_actors=False) == {"1", "2", "3", "4", "12"}
    assert ids(require_genres=False) == {"1", "2", "3", "4", "9"}
    assert ids(require_year=False) == {"1", "2", "3", "4", "6"}
    assert ids(title_type="short", min_user_ratings=1) == {"5"}
    assert ids(min_movie_ratings=2, min_user_ratings=2) == {"1", "2"}
    assert ids(crew=False, min_user_ratings=1) == {"2"}


def test_dropping_users_drops_movies_and_the_other_way_round(tmp_path: Path) -> None:
    chain = [(f"u{n}", f"tt{n + more}", 5, "2005-01-16") for n in (1, 2, 3) for more in (0, 1)]
    whole = [("a", "tt1", 5, "2005-01-16"), ("b", "tt1", 5, "2005-01-16")]
    movies = write(tmp_path, MOVIES, chain + whole)
    with pytest.raises(InputError, match="no movies with ratings are left") as caught:
        read(movies, min_movie_ratings=2)
    assert "(round 2): 0 movies" in str(caught.value.hint)


def test_the_header_and_the_packing_do_not_matter(movies: Path, tmp_path: Path) -> None:
    before = read(movies)
    rows = [("x", item, user, score, day) for user, item, score, day in RATINGS]
    write(movies, {}, rows, "comment,TCONST,User ID,Rating,Review_Date")
    for file in movies.glob("*.tsv"):
        (movies / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    elsewhere = (movies / "user_rating.csv").rename(movies.parent / "other.csv")
    after = read(movies, ratings=elsewhere)
    assert after.funnel == before.funnel
    pd.testing.assert_frame_equal(interactions(after), interactions(before))


@pytest.mark.parametrize(
    ("absent", "message", "option"),
    [
        ("title.basics.tsv", "there is no title.basics.tsv", "Found there"),
        ("name.basics.tsv", "there is no name.basics.tsv", "Found there"),
        ("title.ratings.tsv", "numVotes ≥ 500 need it", "--min-average 0 --min-votes 0"),
        ("title.crew.tsv", "directors and writers", "--no-crew"),
        ("user_rating.csv", "no file of user ratings", "--ratings FILE"),
    ],
)
def test_an_absent_file_is_named(movies: Path, absent: str, message: str, option: str) -> None:
    (movies / absent).unlink()
    with pytest.raises(InputError) as caught:
        read(movies)
    assert message in caught.value.message
    assert option in str(caught.value.hint)


def test_files_that_no_rule_needs_may_be_absent(movies: Path) -> None:
    (movies / "title.ratings.tsv").unlink()
    (movies / "title.crew.tsv").unlink()
    tables = read(movies, min_average=0, min_votes=0, crew=False, min_user_ratings=1)
    assert tables.items is not None
    assert tables.items["itemId"].tolist() == ["tt2"]
    assert "numVotes" not in tables.items


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("", "tt1", 5, "16 January 2005"), "no user id"),
        (("u9", "", 5, "16 January 2005"), "no item id"),
        (("u9", "tt1", "good", "16 January 2005"), "'good' is not a number"),
        (("u9", "tt1", 5, "31 June 2005"), "'31 June 2005' is not a date"),
    ],
)
def test_bad_rows_are_rejected(movies: Path, row: tuple[Any, ...], reason: str) -> None:
    before = interactions(read(movies))
    write(movies, {}, [*RATINGS, row])
    with pytest.raises(InputError, match=f"line {len(RATINGS) + 2}: .*{reason}"):
        read(movies)
    rejects = Rejects(1)
    pd.testing.assert_frame_equal(interactions(read(movies, rejects)), before)
    assert rejects.total == 1


def test_rows_without_rating_or_date_are_counted(movies: Path) -> None:
    write(movies, {}, [*RATINGS, ("u9", "tt1", "Null", "1 May 2005"), ("u9", "tt1", 5, "")])
    report = read(movies).report
    assert report["ratings read"] == len(RATINGS) + 2
    assert report["ratings dropped: no rating"] == report["ratings dropped: no date"] == 1


def test_dates_are_optional(movies: Path) -> None:
    expected = read(movies)
    write(movies, {}, [row[:3] for row in RATINGS], "USER_ID,tconst,Rating")
    found = interactions(read(movies))
    assert "timestamp" not in found
    pd.testing.assert_frame_equal(found, interactions(expected).drop(columns="timestamp"))


def test_a_title_that_stands_twice_is_rejected(movies: Path) -> None:
    with (movies / "title.basics.tsv").open("a") as file:
        file.write("tt1\tmovie\tAgain\tAgain\t0\t2001\t\\N\t80\tDrama\n")
    with pytest.raises(InputError, match="line 16: tconst 'tt1' occurs a second time"):
        read(movies)


def test_a_file_without_the_columns_is_refused(movies: Path) -> None:
    write(movies, {}, RATINGS, "who,what,rating,when")
    with pytest.raises(InputError, match="line 1: no column for the user; found: who, what"):
        read(movies)


ROWS = st.tuples(
    st.sampled_from("abcdef"), st.integers(1, 9).map("tt{}".format), st.integers(1, 10)
)
CAST = st.tuples(st.integers(1, 9).map("tt{}".format), st.integers(1, 6).map("nm{}".format))
LEAST = st.integers(1, 3)


@pytest.mark.slow
@settings(deadline=None, max_examples=40)
@given(
    st.lists(ROWS, min_size=1, max_size=40),
    st.lists(CAST, min_size=1, max_size=30),
    st.tuples(LEAST, LEAST, LEAST, LEAST),
    st.randoms(use_true_random=False),
)
def test_all_rules_hold_at_once_whatever_the_order(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, int]],
    cast: list[tuple[str, str]],
    least: tuple[int, int, int, int],
    random: Any,
) -> None:
    names = ("min_user_ratings", "min_movie_ratings", "min_actor_movies", "min_director_movies")
    options: dict[str, Any] = dict(zip(names, least, strict=True))
    titles = [(f"tt{n}", "movie", "T", "T", 0, 2000, 0, 9, "Drama") for n in range(1, 9)]
    crew = [(f"tt{n}", f"nm{n % 3 + 1}", "nm1") for n in range(1, 10)]
    principals = [(item, n, who, "actor", "", "") for n, (item, who) in enumerate(cast)]
    folder = tmp_path_factory.mktemp("imdb")

    def kept() -> list[set[tuple[Any, ...]]] | None:
        for table in (titles, crew, principals):
            random.shuffle(table)
        files = {**MOVIES, "title.basics": titles, "title.crew": crew}
        write(
            folder,
            {**files, "title.principals": principals},
            [(*row, "2005-01-16") for row in rows],
        )
        try:
            tables = read(folder, min_average=0, min_votes=0, **options)
        except InputError as error:
            assert "no movies with ratings are left" in error.message
            return None
        assert tables.items is not None
        frames = [tables.items[["itemId"]], interactions(tables)[["userId", "itemId"]]]
        frames += [tables.edges["ACTED_IN"], tables.edges["DIRECTED"]]
        return [set(frame.itertuples(index=False, name=None)) for frame in frames]

    first = kept()
    random.shuffle(rows)
    assert kept() == first
    if first is None:
        return
    items, ratings, acted, directed = first
    by_user, by_item = (Counter(row[place] for row in ratings) for place in (0, 1))
    assert min(by_user.values()) >= least[0]
    assert min(by_item.values()) >= least[1]
    assert {item for (item,) in items} == set(by_item)
    in_cast = {item for item, _ in cast}
    assert set(by_item) <= in_cast
    for people, edges, enough in (("act", acted, least[2]), ("direct", directed, least[3])):
        movies_of = Counter(who for who, _ in edges)
        assert all(number >= enough for number in movies_of.values()), people
    of_actor = Counter(who for item, who in set(cast) if item in by_item)
    assert {who for who, _ in acted} == {
        f"person:{who}" for who, number in of_actor.items() if number >= least[2]
    }
