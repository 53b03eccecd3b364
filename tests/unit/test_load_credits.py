"""Credits in three formats: invented files with everything that can be wrong, and the real ones."""

from __future__ import annotations

import csv
import gzip
import re
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from reelgraph.errors import InputError
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, Reading
from reelgraph.loader.sources.credits import Credits
from reelgraph.loader.sources.credits.source import CreditsOptions
from reelgraph.loader.sources.credits.tables import tidy

PAIRS = (
    "\ufeffid:1|genre:Comedy|director:Ann Lee|actors:Bo Li, Cy Ek \n"
    "id:2:genre:Drama|director:N/A|Actors:Bo  Li,Bo Li\n"
    "id:3|director:Ann Lee(co-director)|actors:N/A,\n"
    "id:4|genre:N/A|director:N/A|actors:N/A\n"
)
EXTRAINFOS = (
    '1::One::1990::PG::1 Jan 1990::Drama::Ann Lee::Cy Ek (story), Di Fu (novel "A, B")'
    "::Bo Li, Al Connick, Jr.::Plot\u0085goes on::N/A\r\n"
    "2::Two::1991::N/A::N/A::N/A::N/A::N/A::Cafe\u0301 Li::N/A::N/A\r\n"
)
TABLE = 'movieId,title,actors,director\n1,"One, Two",Bo Li|Al Ek,Ann Lee| Cy Ek\n2,Two,,\n'


def read(path: Path, rejects: Rejects | None = None, ids: str | None = None) -> CanonicalTables:
    return Credits().read(path, Reading(CreditsOptions(ids=ids), path, rejects or Rejects()))


def written(folder: Path, text: str, name: str = "credits") -> Path:
    path = folder / name
    path.write_bytes(text.encode())
    return path


def edges(tables: CanonicalTables) -> dict[str, set[tuple[str, int]]]:
    """(person, movie) by type."""
    return {
        name: {(start.removeprefix("person:"), end) for start, end in frame.to_numpy().tolist()}
        for name, frame in tables.edges.items()
    }


def people(tables: CanonicalTables) -> dict[str, list[str]]:
    assert ("person:" + tables.entities["name"]).tolist() == tables.entities["entityId"].tolist()
    return dict(zip(tables.entities["name"], tables.entities["labels"], strict=True))


def test_pairs(tmp_path: Path) -> None:
    tables = read(written(tmp_path, PAIRS))
    assert edges(tables) == {
        "ACTED_IN": {("Bo Li", 1), ("Cy Ek", 1), ("Bo Li", 2)},
        "DIRECTED": {("Ann Lee", 1), ("Ann Lee", 3)},
        "WROTE": set(),
    }
    assert people(tables) == {
        "Ann Lee": ["Person", "Director"],
        "Bo Li": ["Person", "Actor"],
        "Cy Ek": ["Person", "Actor"],
    }
    assert tables.report == {
        "rows read": 4,
        "rows without credits": 1,
        "rows mended: 'id:1:' for 'id:1|'": 1,
        "names read": 6,
        "names with a job in brackets, taken off": 1,
        "names cleaned of spaces or Unicode forms": 2,
        "names dropped: the same work for the same movie": 1,
    }


def test_extrainfos(tmp_path: Path) -> None:
    tables = read(written(tmp_path, EXTRAINFOS))
    assert edges(tables) == {
        "ACTED_IN": {("Bo Li", 1), ("Al Connick, Jr.", 1), ("Café Li", 2)},
        "DIRECTED": {("Ann Lee", 1)},
        "WROTE": {("Cy Ek", 1), ("Di Fu", 1)},
    }
    assert tables.report["names with a job in brackets, taken off"] == 2
    assert tables.report["names cleaned of spaces or Unicode forms"] == 1


def test_table(tmp_path: Path) -> None:
    tables = read(written(tmp_path, TABLE))
    assert edges(tables) == {
        "ACTED_IN": {("Bo Li", 1), ("Al Ek", 1)},
        "DIRECTED": {("Ann Lee", 1), ("Cy Ek", 1)},
        "WROTE": set(),
    }
    assert tables.report["rows without credits"] == 1


def test_one_person_has_all_their_roles(tmp_path: Path) -> None:
    text = "movieId,actors,writer,directors\n1,Ann Lee,Ann Lee,Ann Lee\n"
    assert people(read(written(tmp_path, text))) == {
        "Ann Lee": ["Person", "Actor", "Director", "Writer"]
    }


def test_it_is_an_enricher_of_the_id_spaces_that_fit(tmp_path: Path) -> None:
    spaces = ("ml-100k", "ml-1m", "ml-latest-small", "ml-25m", "imdb")
    for text, name, wanted in (
        (PAIRS, "ml-100k", {"ml-100k"}),
        (EXTRAINFOS, "ml-1m", {"ml-1m", "ml-latest-small", "ml-25m"}),
        (TABLE, "ml-latest-small", {"ml-1m", "ml-latest-small", "ml-25m"}),
    ):
        tables = read(written(tmp_path, text))
        assert (tables.users, tables.items, tables.interactions) == (None, None, None)
        assert tables.joins is not None
        assert tables.id_space == name
        assert {space for space in spaces if tables.joins(space)} == wanted
    told = read(written(tmp_path, TABLE), ids="imdb")
    assert told.joins is not None
    assert [space for space in spaces if told.joins(space)] == ["imdb"]


@pytest.mark.parametrize(
    ("written_as", "name"),
    [
        ("  Ann   Lee ", "Ann Lee"),
        ("Ann\u00a0Lee", "Ann Lee"),
        ("Michèle", "Michèle"),
        ("Miche\u0300le", "Michèle"),
        ("Ann Lee(co-director)", "Ann Lee"),
        ("Ann Lee (novel (1990))", "Ann Lee"),
        ("N/A", "N/A"),
    ],
)
def test_tidy(written_as: str, name: str) -> None:
    assert tidy(written_as) == name


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("1|Toy Story|Drama\n", "line 1: '1|Toy Story|Drama' is not a file of credits"),
        ("movieId,title\n1,Toy Story\n", "is not a file of credits"),
        (PAIRS + "5|director:X\n", "line 5: the line does not begin with 'id:' and a number"),
        (EXTRAINFOS + "3::Three\r\n", "line 3: 2 fields instead of 11"),
        (EXTRAINFOS + "x" + EXTRAINFOS[1:99] + "::" * 4, "line 3: "),
        (EXTRAINFOS + "tt1::" + "::" * 9, "line 3: column 1: 'tt1' is not a movie's id"),
        (TABLE + "x,T,,\n", "column movieId: 'x'"),
        (TABLE + "3,T,A\n", "3 fields instead of 4"),
    ],
)
def test_bad_files(tmp_path: Path, text: str, message: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read(path)
    assert str(path) in caught.value.message
    assert message in caught.value.message
    assert caught.value.hint


def test_bad_rows_can_be_left_out(tmp_path: Path) -> None:
    rejects = Rejects(2, tmp_path / "rejected.csv")
    wanted = edges(read(written(tmp_path, EXTRAINFOS)))
    found = read(written(tmp_path, EXTRAINFOS + "3::Three\r\n\r\n4::Four\r\n"), rejects)
    assert edges(found) == wanted
    with (tmp_path / "rejected.csv").open(newline="") as file:
        assert [row["line"] for row in csv.DictReader(file)] == ["3", "5"]


def test_damaged_encoding_is_kept_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "credits"
    path.write_bytes("id:1|director:René\n".encode("latin-1") + "id:2|director:René\n".encode())
    tables = read(path)
    assert edges(tables)["DIRECTED"] == {("René", 1), ("René", 2)}
    assert tables.report["rows with damaged encoding"] == 1


def test_places(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="needs a file"):
        Credits().read(None, Reading(CreditsOptions(), tmp_path))
    with pytest.raises(InputError, match=r"there is no auxiliary\.txt or movies_extrainfos\.dat"):
        read(tmp_path)
    (tmp_path / "README.md").touch()
    (tmp_path / "movies.csv.gz").write_bytes(gzip.compress(TABLE.encode()))
    assert len(read(tmp_path).edges["ACTED_IN"]) == 2


# the real files, counted without our reader


@pytest.mark.shared_data
def test_the_real_pairs(shared_data: Path) -> None:
    path = shared_data / "ml-100k-imdb" / "auxiliary.txt"
    rows = path.read_text("utf-8-sig").split("\n")[:-1]
    wanted: dict[str, set[tuple[str, int]]] = {"ACTED_IN": set(), "DIRECTED": set(), "WROTE": set()}
    for row in rows:
        movie = int(row.split("|")[0].split(":")[1])
        for key, name in (("actors", "ACTED_IN"), ("director", "DIRECTED")):
            field = next((f for f in row.split("|") if f.lower().startswith(f"{key}:")), ":")
            wanted[name] |= {(one, movie) for one in names(field.split(":", 1)[1], ",")}
    tables = read(path)
    assert edges(tables) == wanted
    assert tables.report["rows read"] == len(rows) == 1675
    with_credits = {movie for held in wanted.values() for _, movie in held}
    assert tables.report["rows without credits"] == len(rows) - len(with_credits)


@pytest.mark.shared_data
def test_the_real_extrainfos(shared_data: Path) -> None:
    path = shared_data / "ml-1m-imdb" / "movies_extrainfos.dat.gz"
    rows = [row.split("::") for row in gzip.decompress(path.read_bytes()).decode().split("\n")[:-1]]
    wanted: dict[str, set[tuple[str, int]]] = {}
    for name, place in (("DIRECTED", 6), ("WROTE", 7), ("ACTED_IN", 8)):
        # what stands in brackets goes first, so that its commas separate nothing
        held = [(int(row[0]), re.sub(r"\([^()]*\)", "", row[place])) for row in rows]
        wanted[name] = {(one, movie) for movie, text in held for one in names(text, ",")}
    tables = read(path)
    assert edges(tables) == wanted
    assert tables.report["rows read"] == len(rows) == 3881


@pytest.mark.shared_data
def test_the_real_table(shared_data: Path) -> None:
    path = shared_data / "ml-latest-small-credits" / "movies.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    tables = read(path)
    for name, column in (("DIRECTED", "director"), ("ACTED_IN", "actors")):
        wanted = {(one, int(row["movieId"])) for row in rows for one in names(row[column], "|")}
        assert edges(tables)[name] == wanted
    assert tables.report["rows read"] == len(rows) == 8964


def names(text: str, separator: str) -> set[str]:
    composed = unicodedata.normalize("NFC", text)
    tidied = {" ".join(name.split("(")[0].split()) for name in composed.split(separator)}
    return tidied - {"", "N/A"}


@pytest.mark.shared_data
def test_unmatched_rows_by_release(shared_data: Path) -> None:
    """How many rows of each file are about no movie of the release it is for."""
    found: dict[str, Any] = {}
    for file, release, movies in (
        ("ml-100k-imdb/auxiliary.txt", "ml-100k", "u.item"),
        ("ml-1m-imdb/movies_extrainfos.dat.gz", "ml-1m", "movies.dat"),
        ("ml-latest-small-credits/movies.csv.gz", "ml-latest-small", "movies.csv"),
    ):
        from reelgraph.loader.sources.movielens import MovieLens
        from reelgraph.loader.sources.movielens.source import MovieLensOptions

        options = MovieLensOptions(credits=shared_data / file)
        tables = MovieLens().read(shared_data / release, Reading(options, shared_data))
        known = Counter(
            re.split(r"[|,]|::", line)[0]
            for line in (shared_data / release / movies).read_text("latin-1").split("\n")
        )
        held = {movie for pairs in edges(read(shared_data / file)).values() for _, movie in pairs}
        kept = {
            frame_end
            for name in ("ACTED_IN", "DIRECTED", "WROTE")
            for frame_end in tables.edges[name]["end"]
        }
        assert kept == {movie for movie in held if str(movie) in known}
        found[release] = tables.report["credits: rows dropped: unknown movie"]
    assert found == {"ml-100k": 0, "ml-1m": 0, "ml-latest-small": 1968}
