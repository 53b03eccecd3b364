"""The source movielens: invented releases with everything that can be wrong, and the real ones."""

from __future__ import annotations

import csv
import gzip
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from reelgraph.errors import InputError
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, Reading
from reelgraph.loader.sources.movielens import MovieLens
from reelgraph.loader.sources.movielens.source import MovieLensOptions

FILES = {
    "ml-100k": {
        "u.data": "1\t1\t5\t875\n2\t1\t3\t876\n2\t2\t4\t877\n",
        "u.item": (
            "1|Enfer, L' (1994)|01-Jan-1994||http://x|0|1|1\n"
            "2|unknown||||1|0|0\n"
            "3|Café (1995) (V)|||http://x|0|0|1\n"
        ),
        "u.user": "1|24|M|technician|85711\n2||F|other|94043\n",
        "u.genre": "unknown|0\nAction|1\nDrama|2\n\n",
    },
    "ml-1m": {
        "ratings.dat": "1::1::5::978300760\n2::1::3::978302109\n2::2::1::978302110\n",
        "movies.dat": (
            "1::Toy Story (1995)::Animation|Children's\n2::Misérables, Les (1995)::Drama\n"
        ),
        "users.dat": "1::F::1::10::48067\n2::M::56::16::70072-1\n",
    },
    "ml-10m": {
        "ratings.dat": "1::1::4.5::838985046\n2::2::0.5::838985047\n",
        "movies.dat": "1::Toy Story (1995)::Animation\n2::Café (1995)::(no genres listed)\n",
        "tags.dat": '1::1::funny::1215184630\n3::2::"quoted"::1215184631\n',
    },
    "ml-tiny": {
        "ratings.csv": (
            "userId,movieId,rating,timestamp\r\n1,1,4.0,10\r\n1,2,0.5,11\r\n2,1,5.0,12\r\n"
        ),
        "movies.csv": (
            "movieId,title,genres\r\n"
            '1,"American President, The (1995)",Comedy|Drama\r\n'
            "2,Death Note (2006–2007),(no genres listed)\r\n"
            "3, Paterson ,Drama\r\n"
        ),
        "tags.csv": (
            "userId,movieId,tag,timestamp\r\n"
            '1,1,"Sad,  but funny",20\r\n2,1,"sad, but funny",21\r\n3,2,Café,22\r\n'
        ),
        "links.csv": "movieId,imdbId,tmdbId\r\n1,0112346,9087\r\n2,758758,\r\n9,0000009,9\r\n",
    },
}


def make(folder: Path, release: str, **changes: Callable[[str], str]) -> Path:
    """An invented release; ``changes`` by file name with ``_`` for the dot."""
    place = folder / release
    place.mkdir(parents=True)
    for name, text in FILES[release].items():
        change = changes.get(name.replace(".", "_"), str)
        encoding = "utf-8" if release in ("ml-10m", "ml-tiny") else "latin-1"
        (place / name).write_bytes(change(text).encode(encoding))
    return place


def read(path: Path, rejects: Rejects | None = None, **options: Any) -> CanonicalTables:
    reading = Reading(MovieLensOptions(**options), path, rejects or Rejects())
    return MovieLens().read(path, reading)


def ratings(tables: CanonicalTables, rejects: Rejects | None = None) -> pd.DataFrame:
    assert tables.interactions is not None
    return pd.concat(tables.interactions.chunks(rejects or Rejects()), ignore_index=True)


def items(tables: CanonicalTables) -> dict[Any, list[Any]]:
    assert tables.items is not None
    rows = tables.items.drop(columns="movieId").astype(object)
    return {row[0]: [None if pd.isna(x) else x for x in row[1:]] for row in rows.to_numpy()}


def users(tables: CanonicalTables) -> list[list[Any]]:
    assert tables.users is not None
    rows = tables.users.astype(object).to_numpy()
    return [[None if pd.isna(value) else value for value in row] for row in rows]


def edges(tables: CanonicalTables, name: str) -> set[tuple[Any, ...]]:
    return set(tables.edges[name].itertuples(index=False, name=None))


def test_100k(tmp_path: Path) -> None:
    tables = read(make(tmp_path, "ml-100k"))
    assert tables.id_space == "ml-100k"
    assert items(tables) == {1: ["L'Enfer", 1994], 2: ["unknown", None], 3: ["Café", 1995]}
    assert users(tables) == [[1, 24, "M", "technician"], [2, None, "F", "other"]]
    assert edges(tables, "HAS_GENRE") == {
        (1, "genre:Action"),
        (1, "genre:Drama"),
        (3, "genre:Drama"),
    }
    assert ratings(tables).to_numpy().tolist() == [
        [1, 1, 5, 875, 1],
        [2, 1, 3, 876, 2],
        [2, 2, 4, 877, 3],
    ]
    assert tables.report["movies without a year"] == tables.report["movies without a genre"] == 1


def test_1m(tmp_path: Path) -> None:
    tables = read(make(tmp_path, "ml-1m"))
    assert tables.id_space == "ml-1m"
    assert items(tables)[2] == ["Les Misérables", 1995]
    assert users(tables) == [
        [1, 1, "Under 18", "F", "K-12 student"],
        [2, 56, "56+", "M", "self-employed"],
    ]
    assert edges(tables, "HAS_GENRE") >= {(1, "genre:Children's"), (2, "genre:Drama")}
    assert ratings(tables)["rating"].tolist() == [5, 3, 1]


def test_10m(tmp_path: Path) -> None:
    tables = read(make(tmp_path, "ml-10m"))
    assert tables.id_space == "ml-10m"
    assert items(tables)[2] == ["Café", 1995]
    assert ratings(tables)["rating"].tolist() == [4.5, 0.5]
    assert users(tables) == [[1], [2], [3]]
    assert tables.report["users who only tag"] == 1
    assert edges(tables, "TAGGED") == {
        (1, "tag:funny", 1215184630, 1),
        (2, 'tag:"quoted"', 1215184631, 3),
    }


def test_csv(tmp_path: Path) -> None:
    tables = read(make(tmp_path, "ml-tiny"))
    assert tables.id_space == "ml-tiny"
    assert items(tables) == {
        1: ["The American President", 1995, "tt0112346", 9087],
        2: ["Death Note", 2006, "tt0758758", None],
        3: ["Paterson", None, None, None],
    }
    assert ratings(tables).to_numpy().tolist() == [
        [1, 1, 4.0, 10, 2],
        [1, 2, 0.5, 11, 3],
        [2, 1, 5.0, 12, 4],
    ]
    assert edges(tables, "TAGGED") == {
        (1, "tag:sad, but funny", 20, 1),
        (1, "tag:sad, but funny", 21, 2),
        (2, "tag:café", 22, 3),
    }
    names = tables.entities.set_index("entityId")["name"]
    assert names["tag:café"] == "Café"
    assert tables.report["links dropped: unknown movie"] == 1
    assert tables.report["movies without a tmdbId"] == 2


def test_tags_of_one_text_are_one_tag(tmp_path: Path) -> None:
    more = (
        "1,2,FUNNY,1\r\n2,2,Funny,2\r\n3,1, funny ,3\r\n3,2,Funny,4\r\n1,2,funny,5\r\n1,3, ,6\r\n"
    )
    tables = read(make(tmp_path, "ml-tiny", tags_csv=lambda text: text + more))
    funny = tables.entities[tables.entities["entityId"] == "tag:funny"]
    assert funny["name"].tolist() == ["Funny"]  # twice; 'FUNNY' and ' funny ' once, one again
    assert {row for row in edges(tables, "TAGGED") if row[1] == "tag:funny"} == {
        (2, "tag:funny", 1, 1),
        (2, "tag:funny", 2, 2),
        (1, "tag:funny", 3, 3),
        (2, "tag:funny", 4, 3),
    }
    assert tables.report["tags dropped: given again by the same user"] == 1
    assert tables.report["tags dropped: no text"] == 1


def pack(place: Path, target: Path, folder: str = "") -> Path:
    with zipfile.ZipFile(target, "w") as archive:
        for file in place.iterdir():
            archive.write(file, f"{folder}{file.name}")
    return target


@pytest.mark.parametrize("release", FILES)
def test_zip_and_gzipped_files_read_like_the_folder(tmp_path: Path, release: str) -> None:
    place = make(tmp_path, release)
    wanted = read(place)
    for archive in (
        pack(place, tmp_path / "download.zip", f"{release}/"),
        pack(place, tmp_path / f"{release}.zip"),
        gzipped(place, tmp_path / "packed" / release),
    ):
        found = read(archive)
        assert found.id_space == wanted.id_space
        pd.testing.assert_frame_equal(found.entities, wanted.entities)
        pd.testing.assert_frame_equal(ratings(found), ratings(wanted))
        assert items(found) == items(wanted)


def gzipped(place: Path, target: Path) -> Path:
    target.mkdir(parents=True)
    for file in place.iterdir():
        with gzip.open(target / f"{file.name}.gz", "wb") as packed:
            packed.write(file.read_bytes())
    return target


def test_a_release_without_its_name_needs_one(tmp_path: Path) -> None:
    place = make(tmp_path, "ml-tiny").rename(tmp_path / "mine")
    with pytest.raises(InputError, match="named as a release") as caught:
        read(place)
    assert "--name" in caught.value.hint
    assert read(place, name="ml-own").id_space == "ml-own"


def test_a_folder_of_several_releases_is_refused(tmp_path: Path) -> None:
    make(tmp_path, "ml-1m")
    make(tmp_path, "ml-tiny")
    with pytest.raises(InputError, match=r"several releases: .*ml-1m, .*ml-tiny"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("release", "missing", "message"),
    [
        ("ml-100k", "u.genre", "there is no u.genre"),
        ("ml-100k", "u.data", "holds no release of MovieLens. Found: u.genre, u.item, u.user"),
        ("ml-1m", "movies.dat", "there is no movies.dat"),
        ("ml-1m", "users.dat", "neither users.dat .* nor tags.dat"),
        ("ml-tiny", "movies.csv", "there is no movies.csv"),
    ],
)
def test_missing_files(tmp_path: Path, release: str, missing: str, message: str) -> None:
    place = make(tmp_path, release)
    (place / missing).unlink()
    with pytest.raises(InputError, match=message) as caught:
        read(place)
    assert caught.value.hint


def test_tags_and_links_may_be_missing(tmp_path: Path) -> None:
    place = make(tmp_path, "ml-tiny")
    (place / "tags.csv").unlink()
    (place / "links.csv").unlink()
    tables = read(place)
    assert items(tables)[1] == ["The American President", 1995]
    assert set(tables.edges) == {"HAS_GENRE"}


Change = Callable[[str], str]
BAD = [
    (
        "ml-100k",
        "u.item",
        lambda text: text + "4|Short (1990)|||\n",
        "line 4: 5 fields instead of 8",
    ),
    (
        "ml-100k",
        "u.item",
        lambda text: text + "3|A||||0|0|0\n",
        "line 4: column movieId: 3 occurs",
    ),
    ("ml-100k", "u.user", lambda text: text + "3|old|M|x|1\n", "line 3: column age: 'old'"),
    ("ml-100k", "u.genre", lambda _: "Action\n", "line 1: 'Action' is not a genre and its number"),
    ("ml-100k", "u.genre", lambda _: "Action|1\n", "not numbered 0, 1, 2"),
    ("ml-100k", "u.user", lambda text: text + "|4|M|x|1\n", "line 3: column userId: it is empty"),
    ("ml-1m", "users.dat", lambda text: text + "3::F::2::1::1\n", "line 3: column age: 2 is none"),
    ("ml-1m", "users.dat", lambda text: text + "3::F::1::21::1\n", "occupation: 21 is none"),
    ("ml-1m", "movies.dat", lambda _: "", "movies.dat is empty"),
    ("ml-tiny", "movies.csv", lambda text: text.replace("title", "name", 1), "no column 'title'"),
    (
        "ml-tiny",
        "tags.csv",
        lambda text: text + "1,77,x,1\r\n",
        "line 5: column movieId: there is no",
    ),
    ("ml-tiny", "links.csv", lambda text: text + "3,1,x\r\n", "line 5: column tmdbId: 'x'"),
]


@pytest.mark.parametrize(("release", "name", "change", "message"), BAD)
def test_bad_rows_name_file_and_line(
    tmp_path: Path, release: str, name: str, change: Change, message: str
) -> None:
    place = make(tmp_path, release, **{name.replace(".", "_"): change})
    with pytest.raises(InputError) as caught:
        read(place)
    assert str(place / name) in caught.value.message
    assert message in caught.value.message.replace(", column", ": column")
    assert caught.value.hint


@pytest.mark.parametrize(
    ("release", "line", "message"),
    [
        ("ml-100k", "1\t2\tfive\t1\n", "line 4"),
        ("ml-100k", "1\t2\t5\n", "line 4: 3 fields instead of 4"),
        ("ml-1m", "1::2::6::1\n", "line 4: column rating: 6.0 is not from 0.5 to 5"),
        ("ml-tiny", "2,2,0,1\r\n", "line 5: column rating: 0.0 is not from 0.5 to 5"),
    ],
)
def test_bad_ratings(tmp_path: Path, release: str, line: str, message: str) -> None:
    name = {"ml-100k": "u_data", "ml-1m": "ratings_dat", "ml-tiny": "ratings_csv"}[release]
    tables = read(make(tmp_path, release, **{name: lambda text: text + line}))
    with pytest.raises(InputError) as caught:
        ratings(tables)
    assert message in caught.value.message
    rejects = Rejects(1, tmp_path / "rejected.csv")
    assert len(ratings(tables, rejects)) == 3
    assert rejects.total == 1
    assert (tmp_path / "rejected.csv").read_text().count("\n") == 2


def test_damaged_archives(tmp_path: Path) -> None:
    half = tmp_path / "ml-tiny.zip"
    whole = pack(make(tmp_path, "ml-tiny"), tmp_path / "whole.zip").read_bytes()
    half.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="not a readable zip file"):
        read(half)
    place = gzipped(tmp_path / "ml-tiny", tmp_path / "packed" / "ml-tiny")
    packed = (place / "movies.csv.gz").read_bytes()
    (place / "movies.csv.gz").write_bytes(packed[:-12])
    with pytest.raises(InputError, match="cannot be read"):
        read(place)


def test_damaged_encoding_is_kept_and_counted(tmp_path: Path) -> None:
    place = make(tmp_path, "ml-tiny")
    with (place / "movies.csv").open("ab") as file:
        file.write("4,Café (1999),Drama\r\n".encode("latin-1"))
    tables = read(place)
    assert items(tables)[4][0] == "Café"
    assert tables.report["rows with damaged encoding"] == 1


def test_credits_beside_a_release(tmp_path: Path) -> None:
    credits = tmp_path / "movies.csv"
    credits.write_text("movieId,director,actors\n1,Rob Reiner,A|B\n9,Nobody,C\n3,,\n")
    tables = read(make(tmp_path, "ml-tiny"), credits=credits)
    assert edges(tables, "DIRECTED") == {("person:Rob Reiner", 1)}
    assert edges(tables, "ACTED_IN") == {("person:A", 1), ("person:B", 1)}
    assert "person:Nobody" not in set(tables.entities["entityId"])
    counts = {name: tables.report[f"credits: rows {name}"] for name in ("read", "without credits")}
    assert counts == {"read": 3, "without credits": 1}
    assert tables.report["credits: rows dropped: unknown movie"] == 1
    with pytest.raises(InputError, match="its movie ids are not those of ml-100k"):
        read(make(tmp_path / "other", "ml-100k"), credits=credits)


# the real releases, counted without our reader


def lines(path: Path, encoding: str = "utf-8") -> list[str]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return data.decode(encoding).split("\n")[:-1]


@pytest.mark.shared_data
def test_the_real_100k(shared_data: Path) -> None:
    folder = shared_data / "ml-100k"
    tables = read(folder)
    rows = [line.split("|") for line in lines(folder / "u.item", "latin-1")]
    genres = lines(folder / "u.genre")
    wanted = {
        (int(row[0]), f"genre:{genres[place].split('|')[0]}")
        for row in rows
        for place, flag in enumerate(row[5:])
        if flag == "1" and place > 0
    }
    assert edges(tables, "HAS_GENRE") == wanted
    assert len(items(tables)) == len(rows) == 1682
    found = users(tables)
    assert len(found) == len(lines(folder / "u.user")) == 943
    assert Counter(row[3] for row in found) == Counter(
        line.split("|")[3] for line in lines(folder / "u.user")
    )
    check_ratings(ratings(tables), [line.split("\t") for line in lines(folder / "u.data.gz")], 1)
    pairs = Counter(tuple(row) for row in items(tables).values())
    assert sum(number - 1 for number in pairs.values()) == 18  # movies that are in twice


@pytest.mark.shared_data
def test_the_real_1m(shared_data: Path) -> None:
    folder = shared_data / "ml-1m"
    tables = read(folder)
    rows = [line.split("::") for line in lines(folder / "movies.dat", "latin-1")]
    assert sorted(items(tables)) == sorted(int(row[0]) for row in rows)
    wanted = {(int(row[0]), f"genre:{genre}") for row in rows for genre in row[2].split("|")}
    assert edges(tables, "HAS_GENRE") == wanted
    people = [line.split("::") for line in lines(folder / "users.dat")]
    found = users(tables)
    assert Counter((row[1], row[3]) for row in found) == Counter(
        (int(row[2]), row[1]) for row in people
    )
    assert sum(row[4] == "writer" for row in found) == sum(row[3] == "20" for row in people)
    raw = [line.split("::") for line in lines(folder / "ratings.dat.gz")]
    assert len(raw) == 1_000_209
    check_ratings(ratings(tables), raw, 1)


@pytest.mark.shared_data
def test_the_real_latest_small(shared_data: Path) -> None:
    folder = shared_data / "ml-latest-small"
    tables = read(folder, credits=shared_data / "ml-latest-small-credits" / "movies.csv.gz")
    rows = records(folder / "movies.csv")
    assert sorted(items(tables)) == sorted(int(row["movieId"]) for row in rows)
    genres = {(int(row["movieId"]), g) for row in rows for g in row["genres"].split("|")}
    wanted = {(movie, f"genre:{genre}") for movie, genre in genres if not genre.startswith("(")}
    assert edges(tables, "HAS_GENRE") == wanted
    identifiers = {movie: tuple(row[2:]) for movie, row in items(tables).items()}
    assert identifiers == {
        int(row["movieId"]): (f"tt{row['imdbId']}", int(row["tmdbId"]) if row["tmdbId"] else None)
        for row in records(folder / "links.csv")
    }
    tags = records(folder / "tags.csv")
    assert Counter((row[0], row[2], row[3]) for row in edges(tables, "TAGGED")) == Counter(
        (int(row["movieId"]), int(row["timestamp"]), int(row["userId"])) for row in tags
    )
    folded = {" ".join(row["tag"].split()).casefold() for row in tags}
    found = set(tables.entities["entityId"])
    assert {one for one in found if one.startswith("tag:")} == {f"tag:{text}" for text in folded}
    raw = [list(row.values()) for row in records(folder / "ratings.csv.gz")]
    check_ratings(ratings(tables), raw, 2)
    directed = {
        (f"person:{name.strip()}", int(row["movieId"]))
        for row in records(shared_data / "ml-latest-small-credits" / "movies.csv.gz")
        for name in row["director"].split("|")
        if int(row["movieId"]) in identifiers
    }
    assert edges(tables, "DIRECTED") == directed
    assert tables.report["credits: rows dropped: unknown movie"] == 8964 - 6996


def records(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(lines(path)))


def check_ratings(found: pd.DataFrame, raw: list[list[str]], first_line: int) -> None:
    """All rows in the file's order, with their lines."""
    assert found["userId"].tolist() == [int(row[0]) for row in raw]
    assert found["itemId"].tolist() == [int(row[1]) for row in raw]
    assert found["rating"].tolist() == [float(row[2]) for row in raw]
    assert found["timestamp"].tolist() == [int(row[3]) for row in raw]
    assert found["line"].tolist() == list(range(first_line, first_line + len(raw)))


def test_no_path(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs a folder or archive") as caught:
        MovieLens().read(None, Reading(MovieLensOptions(), tmp_path))
    assert "reelgraph data get" in caught.value.hint
    shutil.rmtree(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        read(tmp_path)
