"""The proposal of a mapping: right for sensible files, valid for all, and it says why."""

from __future__ import annotations

import contextlib
import csv
import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelgraph.errors import InputError
from reelgraph.loader.source import CanonicalTables, Reading, SourceOptions
from reelgraph.loader.sources.tabular import TabularSource
from reelgraph.loader.sources.tabular.mapping import FileMapping, load_mapping
from reelgraph.loader.sources.tabular.proposing.propose import mapping_path, propose, write_proposal

MUSIC = Path(__file__).parents[1] / "data" / "music"


def proposed(*files: Path) -> FileMapping:
    """The proposal for these files, read back."""
    return load_mapping(write_proposal(files, force=True).path)


def loaded(*files: Path) -> tuple[CanonicalTables, pd.DataFrame]:
    """The canonical tables by the proposal as it is, and all interactions."""
    return read_by(write_proposal(files, force=True).path)


def read_by(mapping: Path) -> tuple[CanonicalTables, pd.DataFrame]:
    reading: Reading[Any] = Reading(SourceOptions(), mapping.parent)
    tables = TabularSource().read(mapping, reading)
    assert tables.interactions is not None
    return tables, pd.concat(list(tables.interactions.chunks(reading.rejects)))


def link(folder: Path, *sources: Path) -> list[Path]:
    """The files in a folder of the test's own, where a mapping can be written beside them."""
    paths = []
    for source in sources:
        path = folder / source.name
        path.symlink_to(source)
        paths.append(path)
    return paths


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


@pytest.mark.slow
def test_music(tmp_path: Path) -> None:
    files = link(
        tmp_path, *(MUSIC / name for name in ("plays.tsv", "artists.csv", "listeners.csv"))
    )
    mapping = proposed(*files)
    assert (mapping.name, mapping.item_label) == ("plays", "Artist")
    found = mapping.interactions
    assert (found.user, found.item, found.timestamp) == ("user_id", "artist_id", "played_at")
    assert (found.rating, found.timestamp_format) == (None, None)
    assert mapping.items is not None
    assert (mapping.items.id, mapping.items.title) == ("artist_id", "name")
    assert mapping.items.properties == {"formed": "formed"}
    entries = {one.column: (one.separator, one.label, one.type) for one in mapping.knowledge}
    assert entries == {
        "country": (None, ("Country",), "HAS_COUNTRY"),
        "tags": ("|", ("Tag",), "HAS_TAG"),
    }
    assert mapping.users is not None
    assert mapping.users.properties == {"country": "country", "birthYear": "birth_year"}
    text = propose(files).text
    assert "# - 'plays' of plays.tsv: a count, which is not a rating" in text
    assert "several values in a field" in text
    tables, rows = loaded(*files)
    with (MUSIC / "plays.tsv").open() as file:
        assert len(rows) == sum(1 for _ in file) - 1
    assert set(tables.edges) == {"HAS_COUNTRY", "HAS_TAG"}


@pytest.mark.shared_data
def test_movielens_csv(tmp_path: Path, shared_data: Path) -> None:
    folder = shared_data / "ml-latest-small"
    names = ("ratings.csv.gz", "movies.csv", "tags.csv", "links.csv")
    path = write_proposal(link(tmp_path, *(folder / name for name in names))).path
    mapping = load_mapping(path)
    assert mapping.item_label == "Movie"
    found = mapping.interactions
    assert (found.user, found.item) == ("userId", "movieId")
    assert (found.rating, found.timestamp) == ("rating", "timestamp")
    assert [(one.file, one.column, one.separator, one.type) for one in mapping.knowledge] == [
        (None, "genres", "|", "HAS_GENRE"),
        ("tags.csv", "tag", None, "HAS_TAG"),
    ]
    assert mapping.items is not None
    assert mapping.items.title == "title"
    assert "# - links.csv" in path.read_text(encoding="utf-8")
    tables, rows = read_by(path)
    with gzip.open(folder / "ratings.csv.gz", "rt", newline="") as file:
        ratings = list(csv.DictReader(file))
    assert len(rows) == len(ratings)
    assert rows["rating"].sum() == sum(float(row["rating"]) for row in ratings)
    assert rows["timestamp"].tolist() == [int(row["timestamp"]) for row in ratings]
    with (folder / "movies.csv").open(newline="", encoding="utf-8") as file:
        movies = list(csv.DictReader(file))
    assert tables.items is not None
    assert len(tables.items) == len(movies)
    genres = {(int(m["movieId"]), g) for m in movies for g in m["genres"].split("|")}
    genres = {(movie, genre) for movie, genre in genres if genre != "(no genres listed)"}
    assert len(tables.edges["HAS_GENRE"]) == len(genres)
    with (folder / "tags.csv").open(newline="", encoding="utf-8") as file:
        tags = {(row["movieId"], row["tag"].strip()) for row in csv.DictReader(file)}
    assert len(tables.edges["HAS_TAG"]) == len(tags)


@pytest.mark.shared_data
def test_imdb_ratings(tmp_path: Path, shared_data: Path) -> None:
    source = shared_data / "ieee-imdb-ratings" / "user_rating_first50k.csv.gz"
    path = write_proposal(link(tmp_path, source)).path
    mapping = load_mapping(path)
    found = mapping.interactions
    assert (found.user, found.item, found.rating) == ("userID", "movieID", "rating")
    assert (found.timestamp, found.timestamp_format) == ("review date", "%d %B %Y")
    assert mapping.items is not None
    assert mapping.items.title == "originalTitle"
    tables, rows = read_by(path)
    with gzip.open(source, "rt", newline="", encoding="utf-8", errors="replace") as text:
        ratings = list(csv.DictReader(text))
    assert len(rows) == len(ratings)
    assert tables.items is not None
    assert set(tables.items["itemId"]) == {row["movieID"] for row in ratings}
    first = rows[rows["line"] == 2].iloc[0]
    assert first["timestamp"] == 1105833600  # 16 January 2005, midnight UTC
    assert (first["userId"], first["itemId"]) == ("ur4592644", "tt0120884")


@pytest.mark.shared_data
def test_a_file_without_header_and_one_with_a_long_separator(
    tmp_path: Path, shared_data: Path
) -> None:
    (file,) = link(tmp_path, shared_data / "ml-1m" / "ratings.dat.gz")
    found = proposed(file).interactions
    assert found.delimiter == "::"
    assert found.columns == ("column1", "column2", "column3", "column4")
    assert (found.user, found.item) == ("column1", "column2")
    assert (found.rating, found.timestamp) == ("column3", "column4")


SHOP = """customerNo;order date;sku;productName;category;price;score;gift
C-1;03/02/2024 10:15;A1;Lamp, small;Light;19.90;5;true
C-1;13/02/2024 11:15;B2;Chair;Seat;49.00;3;false
C-2;14/02/2024 09:00;A1;Lamp, small;Light;19.90;4;false
C-2;15/02/2024 08:00;C3;Tisch "groß";Table;99.50;NA;false
C-3;16/02/2024 18:30;B2;Chair;Seat;49.00;2;true
C-3;17/02/2024 19:00;C3;Tisch "groß";Table;99.50;1;false
C-3;18/02/2024 20:00;D4;Lamp, large;Light;29.90;5;false
C-4;19/02/2024 20:00;D4;Lamp, large;Light;29.90;5;true
C-5;19/02/2024 21:00;E5;Bench;Seat;79.00;4;true
C-6;19/02/2024 22:00;E5;Bench;Seat;79.00;4;false
"""


@pytest.mark.slow
def test_a_web_shop(tmp_path: Path) -> None:
    file = write(tmp_path / "orders.csv", SHOP, "latin-1")
    mapping = proposed(file)
    found = mapping.interactions
    assert (found.user, found.item, found.rating) == ("customerNo", "sku", "score")
    assert (found.timestamp, found.timestamp_format) == ("order date", "%d/%m/%Y %H:%M")
    assert (found.delimiter, found.encoding) == (";", "latin-1")
    assert (mapping.item_label, mapping.missing) == ("Product", ("NA",))
    assert mapping.items is not None
    assert mapping.items.title == "productName"
    assert mapping.items.properties == {"price": "price"}
    assert [(one.column, one.label, one.type) for one in mapping.knowledge] == [
        ("category", ("Category",), "HAS_CATEGORY")
    ]
    tables, rows = loaded(file)
    assert len(rows) == SHOP.count("\n") - 1
    assert rows["rating"].isna().sum() == SHOP.count(";NA;")
    assert tables.items is not None
    assert tables.items.set_index("itemId")["title"]["C3"] == 'Tisch "groß"'
    assert tables.items.set_index("itemId")["price"]["C3"] == 99.5


def test_days_that_could_be_months_are_to_be_checked(tmp_path: Path) -> None:
    rows = "user,item,date\n" + "".join(f"u{n},i{n},0{n}/02/2024\n" for n in range(1, 9))
    text = propose([write(tmp_path / "visits.csv", rows)]).text
    assert 'timestamp_format = "%d/%m/%Y"  # check: day and month' in text


def test_tags_by_number_with_another_key_of_the_books(tmp_path: Path) -> None:
    rows = "user_id,book_id,rating\n" + "".join(f"{n % 4},{n % 6},{n % 5 + 1}\n" for n in range(24))
    books = "book_id,shop_book_id,title,year\n" + "".join(
        f"{n},{n + 3},Book {n},{1990 + n}.0\n" for n in range(6)
    )
    pairs = "shop_book_id,tag_id,count\n3,1,10\n3,2,8\n4,1,9\n5,2,7\n"
    mapping = proposed(
        write(tmp_path / "ratings.csv", rows),
        write(tmp_path / "books.csv", books),
        write(tmp_path / "tags.csv", "tag_id,tag_name\n1,sea\n2,love\n"),
        write(tmp_path / "book_tags.csv", pairs),
    )
    (entry,) = mapping.knowledge
    assert (entry.file, entry.item, entry.key) == ("book_tags.csv", "shop_book_id", "shop_book_id")
    assert (entry.label, entry.type) == (("Tag",), "HAS_TAG")
    assert entry.names is not None
    assert (entry.names.file, entry.names.id, entry.names.name) == (
        "tags.csv",
        "tag_id",
        "tag_name",
    )


def test_small_numbers_alone_join_nothing(tmp_path: Path) -> None:
    plays = "userID\tartistID\tweight\n" + "".join(f"{n % 9}\t{n}\t{n * 7}\n" for n in range(30))
    artists = "id\tname\turl\n" + "".join(f"{n}\tBand {n}\thttp://a/{n}\n" for n in range(30))
    tagged = "userID\tartistID\ttagID\n" + "".join(
        f"{n % 9}\t{n % 7}\t{n % 5}\n" for n in range(30)
    )
    friends = "userID\tfriendID\n" + "".join(f"{n % 9}\t{n % 8}\n" for n in range(20))
    mapping = proposed(
        write(tmp_path / "user_artists.dat", plays),
        write(tmp_path / "artists.dat", artists),
        write(tmp_path / "tags.dat", "tagID\ttagValue\n0\tsea\n1\tfolk é\n", "latin-1"),
        write(tmp_path / "tagged.dat", tagged),
        write(tmp_path / "friends.dat", friends),
    )
    assert mapping.users is None
    assert mapping.items is not None
    assert (mapping.items.file, mapping.items.id) == ("artists.dat", "id")
    (entry,) = mapping.knowledge
    assert (entry.file, entry.item, entry.column) == ("tagged.dat", "artistID", "tagID")
    assert entry.names is not None
    assert (entry.names.file, entry.names.encoding) == ("tags.dat", "latin-1")


def test_people_share_a_kind(tmp_path: Path) -> None:
    ratings = write(
        tmp_path / "ratings.csv", "user_id,movie_id,rating\nu1,m1,3\nu1,m2,4\nu2,m1,5\n"
    )
    movies = "movie_id,title,director,actors,year\nm1,One,Ann,Bob|Ann,1999\nm2,Two,Bob,Cy|Bob,\n"
    mapping = proposed(ratings, write(tmp_path / "movies.csv", movies))
    assert [(one.label, one.type, one.from_) for one in mapping.knowledge] == [
        (("Person", "Director"), "DIRECTED", "entity"),
        (("Person", "Actor"), "ACTED_IN", "entity"),
    ]


def test_parquet(tmp_path: Path) -> None:
    plays = pd.read_csv(MUSIC / "plays.tsv", sep="\t", parse_dates=["played_at"])
    artists = pd.read_csv(MUSIC / "artists.csv")
    artists["tags"] = artists["tags"].str.split("|")
    plays.to_parquet(tmp_path / "plays.parquet")
    artists.to_parquet(tmp_path / "artists.parquet")
    tables, rows = loaded(tmp_path / "plays.parquet", tmp_path / "artists.parquet")
    assert rows["userId"].tolist() == plays["user_id"].tolist()
    assert rows["itemId"].tolist() == plays["artist_id"].tolist()
    assert rows["timestamp"].tolist() == [int(time.timestamp()) for time in plays["played_at"]]
    assert len(tables.edges["HAS_TAG"]) == artists["tags"].str.len().sum()
    assert tables.items is not None
    assert tables.items["formed"].dropna().tolist() == artists["formed"].dropna().tolist()


def test_plain_quotation_marks_are_noticed(tmp_path: Path) -> None:
    rows = 'user\titem\ttitle\n1\ta\t"Crocodile" Dundee\n1\tb\t"Open\n2\tb\t"Open\n'
    mapping = proposed(write(tmp_path / "log.tsv", rows))
    assert not mapping.interactions.quoted
    tables, _ = loaded(tmp_path / "log.tsv")
    assert tables.items is not None
    assert '"Open' in tables.items["title"].tolist()


def test_an_existing_mapping_is_kept(tmp_path: Path) -> None:
    file = write(tmp_path / "log.csv", "user,item\n1,2\n")
    target = write(mapping_path([file]), "mine")
    with pytest.raises(InputError, match="exists already"):
        write_proposal([file])
    assert target.read_text() == "mine"
    assert write_proposal([file], force=True).path == target
    assert target.read_text() != "mine"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", "user,item\n", "holds no rows"),
        ("a.csv", "colour,size\nred,3.5\n", "no file with a user and an item column"),
        ("a.parquet", "PAR1 but no more", "cannot be read"),
    ],
)
def test_files_without_a_proposal(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        propose([write(tmp_path / name, text)])
    assert caught.value.hint


def test_a_missing_file() -> None:
    with pytest.raises(InputError, match="is not a file"):
        propose([Path("nowhere.csv")])


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
HOSTILE = st.sampled_from(
    ['"]\n[x]', "user_id", "item", "a = 1 #", "'''", "\x7f", "\\", "${x}", "date"]
)


@pytest.mark.slow
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    header=st.lists(NAMES | HOSTILE, min_size=2, max_size=5),
    rows=st.lists(st.lists(NAMES | HOSTILE, min_size=5, max_size=5), min_size=1, max_size=4),
)
def test_any_file_gives_a_valid_mapping_or_a_clear_error(
    tmp_path: Path, header: list[str], rows: list[list[str]]
) -> None:
    path = tmp_path / "any.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(row[: len(header)] for row in rows)
    try:
        mapping = proposed(path)
    except InputError as error:
        assert "mapping" not in error.message  # the file is to blame, not the proposal
        return
    assert mapping.interactions.user != mapping.interactions.item
    with contextlib.suppress(InputError):  # an id may be missing further down
        loaded(path)


def test_a_column_of_unknown_name_with_values_of_ratings_is_proposed(tmp_path: Path) -> None:
    rows = "".join(f"{n % 9}\t{n % 7}\t{n % 10 + 1}\n" for n in range(60))
    path = write(tmp_path / "anime.dat", "User_ID\tAnime_ID\tFeedback\n" + rows)
    assert proposed(path).interactions.rating == "Feedback"
    assert 'rating = "Feedback"  # check: by its values: 1 to 10' in propose([path]).text
