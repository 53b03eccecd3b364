"""Proposals for files as they are met: nothing is lost or bent without a word, and they load."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from reelgraph.cli import main
from reelgraph.errors import InputError
from reelgraph.loader.engine.validate import check_tables
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, Proposal, Reading, SourceOptions
from reelgraph.loader.sources.tabular import TabularSource
from reelgraph.loader.sources.tabular.mapping import FileMapping, load_mapping
from reelgraph.loader.sources.tabular.proposing.propose import propose, write_proposal

RATINGS = (
    "userId,movieId,rating,timestamp\n7,1,4,1700000000\n7,2,5,1700000100\n"
    "8,3,2,1700000200\n8,1,3,1700000300\n"
)
MOVIES = "movieId,title\n1,The Long Road\n2,Harbour Lights\n3,North Wind\n"


class Found:
    """A proposal for files of these contents, in the order given, and what it loads."""

    def __init__(self, folder: Path, encoding: str = "utf-8", **texts: str) -> None:
        files = []
        for name, text in texts.items():
            stem, _, ending = name.rpartition("_")
            files.append(folder / f"{stem}.{ending}")
            files[-1].write_text(text, encoding=encoding, newline="")
        self.proposal: Proposal = write_proposal(files, force=True)
        self.mapping: FileMapping = load_mapping(self.proposal.path)
        self.reading: Reading[Any] = Reading(SourceOptions(), folder, Rejects())

    def load(self) -> tuple[CanonicalTables, pd.DataFrame]:
        tables = TabularSource().read(self.proposal.path, self.reading)
        check_tables(tables)
        assert tables.interactions is not None
        return tables, pd.concat(list(tables.interactions.chunks(self.reading.rejects)))

    @property
    def checks(self) -> str:
        return "\n".join(self.proposal.checks)

    @property
    def unused(self) -> str:
        return "\n".join(self.proposal.unused)


@pytest.mark.parametrize(
    ("persons", "acted", "column"),
    [
        ("personId,name", "movieId,personId,role", "personId"),
        ("person_tmdbId,person_name", "movieId,person_tmdbId,role", "person_tmdbId"),
        ("id,name", "movieId,person_id,role", "person_id"),
        ("nconst,primaryName", "movieId,nconst,character", "nconst"),
    ],
)
def test_roles_have_persons(tmp_path: Path, persons: str, acted: str, column: str) -> None:
    found = Found(
        tmp_path,
        ratings_csv=RATINGS,
        movies_csv=MOVIES,
        persons_csv=f"{persons}\n900,Ada Moreau\n901,Tom Field\n902,Iris Vance\n",
        acted_in_csv=f"{acted}\n1,900,Captain\n1,901,Cook\n2,900,Keeper\n3,902,Pilot\n",
    )
    (entry,) = found.mapping.knowledge
    assert (entry.column, entry.label, entry.type) == (column, ("Person", "Actor"), "ACTED_IN")
    tables, _ = found.load()
    assert tables.entities["name"].tolist() == ["Ada Moreau", "Tom Field", "Iris Vance"]
    edges = tables.edges["ACTED_IN"]
    assert list(zip(edges["start"], edges["end"], strict=True)) == [
        ("person:900", 1),
        ("person:901", 1),
        ("person:900", 2),
        ("person:902", 3),
    ]
    (role,) = entry.properties
    assert edges[role].tolist() == ["Captain", "Cook", "Keeper", "Pilot"]


def test_people_by_name_with_their_category(tmp_path: Path) -> None:
    crew = "movieId,personName,category,salary\n1,Ada,actor,10\n1,Tom,writer,9\n2,Ada,actor,8\n"
    found = Found(tmp_path, ratings_csv=RATINGS, movies_csv=MOVIES, crew_csv=crew)
    (entry,) = found.mapping.knowledge
    assert (entry.column, entry.label) == ("personName", ("Person",))
    assert entry.properties == {"category": "category"}
    assert "'salary' of crew.csv" in found.unused
    assert "HAS_PERSON" in found.checks
    tables, _ = found.load()
    assert tables.edges["HAS_PERSON"]["category"].tolist() == ["actor", "writer", "actor"]


ITEMS = """\
movie_id,title,director,genres,country,budget
1,The Long Road,Ada Moreau,Drama|War,France,1200
2,Harbour Lights,Tom Field,Comedy,Italy,900
{again}
3,North Wind,Iris Vance,Drama,Norway,300
"""


@pytest.mark.parametrize(
    "again",
    [
        "2,Harbour Lights,Tom Field,Comedy,Italy,900",
        "2,Harbour Lights,Tom Field,Comedy,Italy,901",
        "2,Other Lights,Ida Moss,Drama,Peru,7",
    ],
)
def test_one_repeated_id_keeps_items_items(tmp_path: Path, again: str) -> None:
    ratings = "user_id,movie_id,rating,time\n1,1,4,1700000000\n1,2,5,1700000100\n2,2,2,1700000200\n"
    found = Found(tmp_path, ratings_csv=ratings, items_csv=ITEMS.format(again=again))
    assert found.mapping.items is not None
    assert found.mapping.items.title == "title"
    assert "line 4: '2' has a row before" in found.checks
    assert [one.type for one in found.mapping.knowledge] == [
        "DIRECTED",
        "HAS_GENRE",
        "HAS_COUNTRY",
    ]
    tables, _ = found.load()
    assert tables.items is not None
    assert tables.items["title"].tolist() == ["The Long Road", "Harbour Lights", "North Wind"]
    assert tables.items["budget"].tolist() == [1200, 900, 300]
    assert tables.report["items.csv: further rows of one movie_id, left out"] == 1
    assert set(tables.edges["HAS_GENRE"]["end"]) == {"genre:Drama", "genre:War", "genre:Comedy"}


@pytest.mark.parametrize("mark", ["?", "N/A", "-", "\\N", "null", "NULL", "NA", "unknown", "None"])
def test_marks_of_missing_values_are_no_nodes(tmp_path: Path, mark: str) -> None:
    places = f"placeID,name,url,zip,city\n1,Blue Door,{mark},{mark},Lima\n2,Green Gate,{mark},"
    places += f"78000,{mark}\n3,Red Roof,blue.example,78001,{mark}\n"
    visits = "userID,placeID,rating\nU1,1,2\nU1,2,1\nU2,3,2\nU2,1,0\n"
    found = Found(tmp_path, visits_csv=visits, places_csv=places)
    assert found.mapping.missing == (mark,)
    assert ("could be a value" in found.checks) == (mark in ("unknown", "None"))
    tables, rows = found.load()
    assert tables.entities["entityId"].tolist() == ["city:Lima"]
    assert tables.items is not None
    assert tables.items["zip"].dropna().tolist() == [78000, 78001]
    assert rows["rating"].tolist() == [2, 1, 2, 0]


def test_a_film_may_be_called_unknown(tmp_path: Path) -> None:
    movies = MOVIES.replace("North Wind", "Unknown")
    found = Found(tmp_path, ratings_csv=RATINGS, movies_csv=movies)
    assert found.mapping.missing == ()
    tables, _ = found.load()
    assert tables.items is not None
    assert "Unknown" in tables.items["title"].tolist()


@pytest.mark.parametrize(
    "countries",
    [
        ['"[""USA"","" UK""]"', '"[""Italy""]"', "\"['Norway', 'USA']\""],
        ["['USA' 'UK']", "['Italy']", "['Norway' 'USA']"],
        ["USA|UK", "Italy", "Norway|USA"],
        ["USA;UK", "Italy", "Norway; USA"],
        ['"USA, UK"', "Italy", '"Norway, USA"'],
        [
            '"[{""id"": 1, ""name"": ""USA""}, {""id"": 2, ""name"": ""UK""}]"',
            '"[{""id"": 3, ""name"": ""Italy""}]"',
            "\"[{'id': 4, 'name': 'Norway'}, {'id': 1, 'name': 'USA'}]\"",
        ],
    ],
)
def test_lists_are_taken_apart(tmp_path: Path, countries: list[str]) -> None:
    rows = zip((1, 2, 3), ("Road", "Lights", "Wind"), countries, strict=True)
    movies = "movieId,title,countries\n" + "".join(f"{id},{name},{c}\n" for id, name, c in rows)
    found = Found(tmp_path, ratings_csv=RATINGS, movies_csv=movies)
    (entry,) = found.mapping.knowledge
    assert (entry.label, entry.type) == (("Country",), "HAS_COUNTRY")
    tables, _ = found.load()
    edges = tables.edges["HAS_COUNTRY"]
    assert sorted(zip(edges["start"], edges["end"], strict=True)) == [
        (1, "country:UK"),
        (1, "country:USA"),
        (2, "country:Italy"),
        (3, "country:Norway"),
        (3, "country:USA"),
    ]


def test_one_person_with_a_comma_is_one(tmp_path: Path) -> None:
    movies = 'movieId,title,author\n1,A,"Moreau, Ada"\n2,B,"Moreau, Ada"\n3,C,"Field, Tom"\n'
    tables, _ = Found(tmp_path, ratings_csv=RATINGS, movies_csv=movies).load()
    assert tables.entities["name"].tolist() == ["Moreau, Ada", "Field, Tom"]


HEADERLESS = (
    "1::0068646::10::1381620027\n1::0113277::10::1379466669\n"
    "2::0422720::8::1412178746\n2::0454876::0::1394818630\n"
)
FILMS = (
    "0068646::The Long Road (1972)::Crime|Drama\n0113277::Harbour Lights (1995)::Crime\n"
    "0422720::North Wind (2006)::Drama\n0454876::Café Été (2012)::\n"
)


@pytest.mark.parametrize("delimiter", ["::", "\t", "|", ";", ","])
def test_several_files_without_headers(tmp_path: Path, delimiter: str) -> None:
    between = "/" if delimiter == "|" else "|"
    found = Found(
        tmp_path,
        ratings_dat=HEADERLESS.replace("::", delimiter),
        movies_dat=FILMS.replace("|", between).replace("::", delimiter),
    )
    rows = found.mapping.interactions
    assert (rows.user, rows.item, rows.rating, rows.timestamp) == (
        "column1",
        "column2",
        "column3",
        "column4",
    )
    assert found.mapping.item_label == "Movie"
    assert 'user = "column1": by its place' in found.checks
    tables, read = found.load()
    assert read["itemId"].tolist() == ["0068646", "0113277", "0422720", "0454876"]
    assert read["rating"].tolist() == [10, 10, 8, 0]
    assert tables.items is not None
    assert tables.items["title"].tolist()[-1] == "Café Été (2012)"
    if between == "|":
        assert len(tables.edges["HAS_TOPIC"]) == 4


def test_headerless_users_and_items_are_told_by_their_files_names(tmp_path: Path) -> None:
    ratings = "".join(
        f"{n % 17 + 1}\t{n % 23 + 1}\t{n % 5 + 1}\t{881250949 + n}\n" for n in range(99)
    )
    found = Found(
        tmp_path,
        u_data=ratings,
        u_item="".join(
            f"{n}|Film {n} (1995)|01-Jan-1995||http://h/{n}|0|1\n" for n in range(1, 24)
        ),
        u_user="".join(f"{n}|{20 + n}|M|writer|857{n:02}\n" for n in range(1, 18)),
    )
    assert found.mapping.items is not None
    assert found.mapping.users is not None
    assert (found.mapping.items.file, found.mapping.items.title) == ("u.item", "column2")
    assert found.mapping.users.file == "u.user"
    assert len(found.load()[1]) == 99


def test_films_before_users_where_a_file_has_their_titles(tmp_path: Path) -> None:
    ratings = "".join(
        f"{n // 50 + 1},{1488844 + n * 7 % 31},{n % 5 + 1},2005-09-0{n % 9 + 1}\n"
        for n in range(200)
    )
    titles = "1,2003,Dinosaur Planet\n2,2004,Character\n3,1997,Sick\n4,1994,The Bad and the Good\n"
    found = Found(tmp_path, ratings_txt=ratings, movie__titles_csv=titles)
    rows = found.mapping.interactions
    assert (rows.user, rows.item, rows.timestamp) == ("column2", "column1", "column4")
    assert found.load()[0].report["items"] == 4


@pytest.mark.parametrize(
    "text",
    [
        "196\t242\t881250949\n196\t302\t881250950\n186\t302\t891717742\n186\t377\t891717743\n",
        "196 242 881250949\n196 302 881250950\n186 302 891717742\n",
        "a,x,1600000000000\nb,x,1600000001000\na,y,1600000002000\n",
    ],
)
def test_a_third_column_of_epoch_seconds_is_a_time(tmp_path: Path, text: str) -> None:
    found = Found(tmp_path, train_txt=text)
    rows = found.mapping.interactions
    assert (rows.rating, rows.timestamp) == (None, "column3")
    assert len(found.load()[1]) == text.count("\n")


@pytest.mark.parametrize(
    "first",
    [
        "user_000001\t2009-05-04T23:08:57Z\tf1b1cf71\tDeep Dish",
        "user_000001\t04/05/2009\tf1b1cf71-bd35-4e99-8624-24a6e15f133a\tDeep Dish",
        "u1\t\tx\tDeep Dish",
    ],
)
def test_a_first_line_of_data_is_no_header(tmp_path: Path, first: str) -> None:
    text = "".join(f"{first.replace('1', str(n), 1)}\n" for n in (1, 2, 2, 3))
    found = Found(tmp_path, lastfm_tsv=text)
    assert found.mapping.interactions.columns is not None
    assert len(found.load()[1]) == 4


def test_a_header_of_unknown_words_is_one(tmp_path: Path) -> None:
    found = Found(tmp_path, kauf_csv="kunde,artikel\nk1,a1\nk1,a2\nk2,a1\n")
    assert found.mapping.interactions.columns is None
    assert (found.mapping.interactions.user, found.mapping.interactions.item) == (
        "kunde",
        "artikel",
    )
    assert "by its place" in found.checks


@pytest.mark.parametrize(
    ("header", "values"),
    [
        ("userId,itemId,plays", "3 9 1 4"),
        ("userId,itemId,rating", "13883 11690 352698 1"),
        ("userId,itemId,rating", "1 1 57 2"),
        ("user,item,hours", "0.5 12 3 4000"),
    ],
)
def test_counts_are_no_ratings(tmp_path: Path, header: str, values: str) -> None:
    pairs = ("1,10", "1,11", "2,12", "3,10")
    rows = "".join(f"{pair},{value}\n" for pair, value in zip(pairs, values.split(), strict=True))
    found = Found(tmp_path, plays_csv=f"{header}\n{rows}")
    assert found.mapping.interactions.rating is None
    assert f"'{header.split(',')[2]}' of plays.csv" in found.unused
    assert "count, which is not a rating" in found.unused


def test_columns_that_count_users_are_no_users(tmp_path: Path) -> None:
    header = "director_name,num_user_for_reviews,num_voted_users,movie_id,movie_title,duration\n"
    movies = header + "".join(f"Ada {n % 3},{300 + n},{n * 7},{n},Film {n},90\n" for n in range(9))
    with pytest.raises(InputError, match="no file with a user and an item column"):
        propose([_written(tmp_path / "metadata.csv", movies)])
    ratings = "user_id,movie_id,rating\n" + "".join(f"{n % 4},{n % 9},5\n" for n in range(20))
    found = Found(tmp_path, ratings_csv=ratings, metadata_csv=movies)
    assert found.mapping.items is not None
    assert found.mapping.items.title == "movie_title"
    assert [one.type for one in found.mapping.knowledge] == ["DIRECTED"]


def test_a_directors_name_is_no_title(tmp_path: Path) -> None:
    movies = "movieId,director_name\n1,Ada\n2,Tom\n3,Ida\n"
    found = Found(tmp_path, ratings_csv=RATINGS, movies_csv=movies)
    assert found.mapping.items is not None
    assert found.mapping.items.title is None
    assert found.mapping.knowledge[0].label == ("Person", "Director")


@pytest.mark.parametrize(
    ("column", "label"),
    [
        ("movieId", "Movie"),
        ("movie_movieId", "Movie"),
        ("movieid", "Movie"),
        ("movie_tmdbId", "Movie"),
        ("Movie_ID", "Movie"),
        ("film", "Film"),
        ("ISBN", "Book"),
        ("StockCode", "Product"),
    ],
)
def test_labels_of_items(tmp_path: Path, column: str, label: str) -> None:
    found = Found(tmp_path, log_csv=f"user_id,{column},rating\n1,a,4\n1,b,5\n2,a,3\n")
    assert found.mapping.item_label == label


def test_what_another_file_repeats_is_listed(tmp_path: Path) -> None:
    found = Found(
        tmp_path,
        train_csv=RATINGS + "9,1,5,1700000400\n",
        test_csv=RATINGS,
        movies_csv=MOVIES,
        similar_csv="movieId,similarMovieId\n1,2\n1,3\n2,3\n",
        notes_csv="page,remark\n1,good\n",
    )
    assert found.mapping.interactions.file == "train.csv"
    assert found.mapping.knowledge == ()
    lines = found.unused
    assert "test.csv: another file of users and items" in lines
    assert "similar.csv: about items, but no values that could be knowledge" in lines
    assert "notes.csv: no items, users, or pairs" in lines
    text = found.proposal.path.read_text(encoding="utf-8")
    assert all(f"# - {one}" in text for one in found.proposal.unused)


def test_several_columns_of_a_second_file_about_items(tmp_path: Path) -> None:
    credits = "movie_id,title,cast,crew\n1,X,\"['Ada', 'Tom']\",\"['Ida']\"\n2,Y,\"['Ada']\",[]\n"
    found = Found(tmp_path, ratings_csv=RATINGS, movies_csv=MOVIES, credits_csv=credits)
    assert [one.column for one in found.mapping.knowledge] == ["cast", "crew"]
    assert "'title' of credits.csv" in found.unused
    tables, _ = found.load()
    assert len(tables.edges["ACTED_IN"]) == 3


def test_ids_of_a_brand_get_its_name(tmp_path: Path) -> None:
    found = Found(
        tmp_path,
        log_csv="user_id,product_id,date\n1,10,2024-01-01\n1,11,2024-01-02\n2,10,2024-01-03\n",
        products_csv="product_id,product_name,brand_id\n10,Lamp,7\n11,Chair,8\n12,Desk,7\n",
        brands_csv="brand_id,brand_name\n7,Lux\n8,Sit\n",
    )
    (entry,) = found.mapping.knowledge
    assert (entry.column, entry.label, entry.type) == ("brand_id", ("Brand",), "HAS_BRAND")
    tables, _ = found.load()
    assert tables.entities["name"].tolist() == ["Lux", "Sit"]


def test_dates_of_eight_digits_are_times(tmp_path: Path) -> None:
    found = Found(tmp_path, log_csv="user,item,date\n1,a,20240131\n1,b,20240201\n2,a,20231224\n")
    assert found.mapping.interactions.timestamp_format == "%Y%m%d"
    assert found.load()[1]["timestamp"].tolist()[0] == 1706659200


def test_rows_without_a_user_are_said(tmp_path: Path) -> None:
    text = "InvoiceNo,StockCode,Description,Quantity,CustomerID\n"
    text += "5,A1,LAMP,2,17850.0\n5,B2,DESK,1,17850.0\n6,A1,LAMP,9,\n7,B2,DESK,3,13047.0\n"
    found = Found(tmp_path, retail_csv=text)
    assert (found.mapping.interactions.user, found.mapping.interactions.item) == (
        "CustomerID",
        "StockCode",
    )
    assert found.mapping.items is not None
    assert found.mapping.items.title == "Description"
    assert "1 of the first 4 rows have no user" in found.checks


def test_the_terminal_says_what_to_check_and_what_is_not_used(tmp_path: Path) -> None:
    file = _written(tmp_path / "plays.csv", "userId,itemId,plays\n1,10,3\n1,11,9\n2,10,1\n")
    shown = CliRunner().invoke(main, ["load", "tabular", "--init", str(file)])
    assert shown.exit_code == 0
    assert "Check:\n- item_label =" in shown.output
    assert "Not used:\n- 'plays' of plays.csv: a count, which is not a rating\n" in shown.output


def _written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_people_of_several_columns_get_their_names(tmp_path: Path) -> None:
    found = Found(
        tmp_path,
        ratings_csv="userId,tconst,rating\n1,tt1,4\n1,tt2,5\n2,tt1,3\n",
        title_basics_tsv="tconst\tprimaryTitle\ntt1\tThe Long Road\ntt2\tHarbour Lights\n",
        title_crew_tsv="tconst\tdirectors\twriters\ntt1\tnm1,nm2\t\\N\ntt2\tnm3\tnm1\n",
        name_basics_tsv="nconst\tprimaryName\nnm1\tAda Moreau\nnm2\tTom Field\nnm3\tIda Moss\n",
    )
    assert [one.type for one in found.mapping.knowledge] == ["DIRECTED", "WROTE"]
    tables, _ = found.load()
    assert tables.entities["name"].tolist() == ["Ada Moreau", "Tom Field", "Ida Moss"]
    assert tables.edges["DIRECTED"]["start"].tolist() == ["person:nm1", "person:nm2", "person:nm3"]


def test_records_of_parquet(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    genres = [
        [{"id": 1, "name": "Drama"}],
        [{"id": 2, "name": "War"}],
        [{"id": 1, "name": "Drama"}],
    ]
    frame = pd.DataFrame({"user_id": [1, 1, 2], "movie_id": [5, 6, 5]})
    frame.to_parquet(path)
    items = pd.DataFrame({"movie_id": [5, 6, 7], "title": list("abc"), "genres": genres})
    items.assign(size=[{"x": 1}] * 3).to_parquet(tmp_path / "items.parquet")
    proposal = write_proposal([path, tmp_path / "items.parquet"])
    reading: Reading[Any] = Reading(SourceOptions(), tmp_path)
    tables = TabularSource().read(proposal.path, reading)
    assert tables.entities["entityId"].tolist() == ["genre:Drama", "genre:War"]


@pytest.mark.parametrize("basket", ["session_id", "order_id", "InvoiceNo"])
def test_baskets_stand_for_users_where_there_are_none(tmp_path: Path, basket: str) -> None:
    found = Found(tmp_path, log_csv=f"{basket},product_id\ns1,a\ns1,b\ns2,a\n")
    assert found.mapping.interactions.user == basket
    assert "there is no user; each of these stands for one" in found.checks
    assert len(found.load()[1]) == 3


def test_roles_alone_are_no_interactions(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file with a user and an item column"):
        Found(tmp_path, acted_in_csv="movieId,personId,role\n1,900,Cook\n1,901,Pilot\n2,900,Cook\n")


def test_columns_without_a_name_or_with_row_numbers_are_not_used(tmp_path: Path) -> None:
    found = Found(
        tmp_path,
        log_csv=",user_id,movie_id,rating,rating\n0,1,5,3,3\n1,1,6,4,4\n2,2,5,5,5\n",
        movies_csv="Unnamed: 0,movie_id,title\n0,5,A\n1,6,B\n2,7,C\n",
    )
    assert "'' of log.csv: it has no name" in found.unused
    assert "'rating' of log.csv: the name 'rating' occurs twice in the header" in found.unused
    assert "'Unnamed: 0' of movies.csv: numbers of rows" in found.unused
    assert len(found.load()[1]) == 3


def test_items_with_a_row_for_each_genre_keep_all(tmp_path: Path) -> None:
    movies = "movieId,title,genre\n1,A,Drama\n1,A,War\n2,B,Drama\n3,C,Comedy\n3,C,War\n"
    found = Found(tmp_path, ratings_csv=RATINGS, movies_csv=movies)
    assert found.unused == ""
    tables, _ = found.load()
    assert tables.items is not None
    assert tables.items["title"].tolist() == ["A", "B", "C"]
    assert len(tables.edges["HAS_GENRE"]) == 5


def test_a_repeated_user_keeps_users_users(tmp_path: Path) -> None:
    users = "userId,age,city\n7,20,Lima\n8,30,Rome\n8,31,Rome\n9,40,Oslo\n"
    found = Found(tmp_path, ratings_csv=RATINGS, users_csv=users)
    assert "line 4: '8' has a row before" in found.checks
    tables, _ = found.load()
    assert tables.users is not None
    assert tables.users["age"].tolist() == [20, 30, 40]


def test_small_numbers_come_by_place_where_there_is_no_header(tmp_path: Path) -> None:
    found = Found(
        tmp_path,
        ratings_dat="1::10::4::1700000000\n1::11::5::1700000100\n2::10::0::1700000200\n",
        movies_dat="10::The A\n11::The B\n12::The C\n",
        persons_dat="900::Ada Moreau\n901::Tom Field\n902::Ida Vance\n",
        acted_in_dat="10::900::Captain\n10::901::Cook\n11::900::Keeper\n",
    )
    rows = found.mapping.interactions
    assert (rows.user, rows.item, rows.rating) == ("column1", "column2", "column3")
    tables, _ = found.load()
    assert tables.entities["name"].tolist() == ["Ada Moreau", "Tom Field"]
    assert "'column3' of acted_in.dat" in found.unused


@pytest.mark.parametrize("column", ["release_date", "birth date", "published_at"])
def test_when_something_came_out_is_not_when_it_was_used(tmp_path: Path, column: str) -> None:
    rows = "1,a,2020-01-01\n1,b,2021-01-01\n2,a,2020-01-01\n"
    found = Found(tmp_path, log_csv=f"user,item,{column}\n{rows}")
    assert found.mapping.interactions.timestamp is None


def test_lists_of_numbers_are_no_knowledge(tmp_path: Path) -> None:
    movies = 'movieId,title,vector\n1,A,"[0.1, 0.2]"\n2,B,"[0.3, 0.1]"\n3,C,"[0.5, 0.2]"\n'
    found = Found(tmp_path, ratings_csv=RATINGS, movies_csv=movies)
    assert found.mapping.knowledge == ()
    assert "'vector' of movies.csv: lists of numbers" in found.unused


def test_titles_that_are_signs_again_and_again_are_missing(tmp_path: Path) -> None:
    movies = "movieId,title\n1,?\n2,?\n3,North Wind\n"
    found = Found(tmp_path, ratings_csv=RATINGS, movies_csv=movies)
    assert found.mapping.missing == ("?",)


def test_columns_with_a_variable_of_cypher(tmp_path: Path) -> None:
    found = Found(
        tmp_path,
        r_csv="u.userId,m.movieId,r.rating\n1,1,4\n1,2,5\n2,1,3\n",
        movies_csv="m.movieId,m.title\n1,A\n2,B\n",
    )
    assert found.mapping.item_label == "Movie"
    assert found.mapping.interactions.rating == "r.rating"
    assert found.mapping.items is not None
    assert found.mapping.items.title == "m.title"


def test_tags_without_a_header_are_about_items(tmp_path: Path) -> None:
    ratings = "".join(
        f"{n % 7 + 1}::{n % 9 + 1}::{n % 5 + 1}::{838985046 + n}\n" for n in range(60)
    )
    tags = "".join(
        f"{n % 7 + 1}::{n % 9 + 1}::{('sea', 'love')[n % 2]}::{1215184630 + n}\n" for n in range(30)
    )
    movies = "".join(f"{n}::Film {n} (1995)::Drama|War\n" for n in range(1, 10))
    found = Found(tmp_path, ratings_dat=ratings, tags_dat=tags, movies_dat=movies)
    (entry,) = [one for one in found.mapping.knowledge if one.type == "HAS_TAG"]
    assert (entry.item, entry.column, entry.timestamp) == ("column2", "column3", "column4")
    assert 'item = "column2": by its values' in found.checks
    assert "'column1' of tags.dat: who said it is not kept" in found.unused


def test_several_counts_are_all_said(tmp_path: Path) -> None:
    text = "user_id,item_id,rating,weight\n2,51,13883,13883\n2,52,11690,11690\n3,51,352698,352698\n"
    found = Found(tmp_path, plays_csv=text)
    assert "'rating' of plays.csv: 11,690 to 352,698 looks like a count" in found.unused
    assert "'weight' of plays.csv: a count" in found.unused


def test_files_of_recbole_need_no_mapping(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="one of RecBole's atomic files") as caught:
        Found(tmp_path, ml_inter="user_id:token\titem_id:token\trating:float\n2\t51\t4\n")
    assert f"reelgraph load recbole {tmp_path}" in str(caught.value.hint)


def test_a_byte_order_mark_is_no_part_of_the_first_value(tmp_path: Path) -> None:
    text = "\ufeff196\t242\t3\t881250949\n196\t302\t4\t881250950\n186\t302\t5\t891717742\n"
    found = Found(tmp_path, train_tsv=text)
    assert found.mapping.interactions.user == "column1"
    assert found.load()[1]["userId"].tolist()[0] in ("196", 196)


def test_games_by_name_with_hours(tmp_path: Path) -> None:
    names = ("Papers, Please", "Portal 2", "Fallout: New Vegas", "Limbo", "Don't Starve", "Braid")
    text = "".join(
        f'{151603712 + n % 4},"{names[n % 6]}",{("purchase", "play")[n % 2]},{n * 7}.5,0\n'
        for n in range(40)
    )
    found = Found(tmp_path, steam_csv=text)
    rows = found.mapping.interactions
    assert (rows.user, rows.item, rows.rating) == ("column1", "column2", None)
    assert "'column4' of steam.csv: 0.5 to 273.5 looks like a count" in found.unused
    assert found.load()[0].report["items"] == 6


def test_people_by_plain_ids(tmp_path: Path) -> None:
    found = Found(
        tmp_path,
        ratings_csv=RATINGS,
        movies_csv="id,title\n1,A\n2,B\n3,C\n",
        people_csv="id,name,birth\n1,Ada,1960\n2,Tom,1961\n3,Ida,1962\n",
        cast_csv="movie_id,person_id,character\n1,1,X\n1,2,Y\n2,3,Z\n3,1,Q\n",
    )
    tables, _ = found.load()
    assert tables.entities["name"].tolist() == ["Ada", "Tom", "Ida"]
    assert "'birth' of people.csv: of this file only the names are read" in found.unused


def test_the_items_are_not_the_file_of_their_actors(tmp_path: Path) -> None:
    found = Found(
        tmp_path,
        ratings_csv=RATINGS,
        movie_actors_csv="movieId,actorId,roleName\n1,11,X\n1,12,Y\n2,11,Z\n",
        actors_csv="actorId,actorName\n11,Ada\n12,Tom\n",
        movies_csv=MOVIES,
        movie_directors_csv="movieId,directorID,directorName\n1,d1,Moss\n2,d2,Lee\n3,d1,Moss\n",
    )
    assert found.mapping.items is not None
    assert found.mapping.items.file == "movies.csv"
    assert {(one.column, one.type) for one in found.mapping.knowledge} == {
        ("actorId", "ACTED_IN"),
        ("directorID", "DIRECTED"),
    }
    tables, _ = found.load()
    assert tables.entities["name"].tolist() == ["Ada", "Tom", "Moss", "Lee"]


def test_a_few_repeated_ids_among_many(tmp_path: Path) -> None:
    log = "".join(f"u{n % 7},i{n % 30},{n % 5 + 1}\n" for n in range(100))
    items = "".join(f"i{n},Name {n},{'xy'[n % 2]}\n" for n in range(30))
    found = Found(
        tmp_path,
        log_csv=f"user,item,rating\n{log}",
        items_csv=f"item,label,kind\n{items}i3,Other,x\n",
    )
    assert "line 32: 'i3' has a row before" in found.checks
    assert found.load()[0].report["items"] == 30


@pytest.mark.parametrize(
    ("column", "good", "odd"),
    [("rating", "4", "good"), ("time", "1700000000", "yesterday"), ("date", "2024-01-05", "soon")],
)
def test_one_odd_value_does_not_lose_a_column(
    tmp_path: Path, column: str, good: str, odd: str
) -> None:
    rows = "".join(f"{n % 3},{n},{odd if n == 2 else good}\n" for n in range(9))
    found = Found(tmp_path, log_csv=f"user,item,{column}\n{rows}")
    interactions = found.mapping.interactions
    assert column in (interactions.rating, interactions.timestamp)
    assert f"by its name, though '{odd}' is no" in found.checks


def test_a_rating_that_is_no_number_is_said(tmp_path: Path) -> None:
    found = Found(tmp_path, log_csv='user,item,rating\n1,a,"4,5"\n1,b,"3,0"\n2,a,"5,0"\n')
    assert "'rating' of log.csv: called a rating, but '4,5' is not a number" in found.unused


def test_a_header_in_the_middle_is_no_row(tmp_path: Path) -> None:
    found = Found(tmp_path, log_csv=RATINGS + RATINGS)
    assert found.mapping.interactions.rating == "rating"
    assert "1 of the first rows of log.csv say the header again" in found.checks


@pytest.mark.parametrize("tags", ["{'a', 'b'}", '{"a","b"}', "{a,b}", "('a', 'b')"])
def test_sets_are_lists(tmp_path: Path, tags: str) -> None:
    rows = "".join(f"{n}\tFilm {n}\t{tags}\n" for n in range(1, 4))
    found = Found(tmp_path, ratings_csv=RATINGS, movies_tsv=f"movieId\ttitle\ttags\n{rows}")
    assert set(found.load()[0].entities["name"]) == {"a", "b"}
