"""The source ml-100k on a tiny invented data set, and everything that can be wrong with it."""

from __future__ import annotations

import hashlib
import shutil
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from reelgraph.errors import InputError
from reelgraph.loader.engine.validate import check_tables
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, Reading, SourceOptions
from reelgraph.loader.sources.ml100k import MovieLens100K, source
from reelgraph.loader.sources.ml100k.files import NAMES, SHA256, WHEEL, fetch


def read(path: Path) -> CanonicalTables:
    return MovieLens100K().read(path, Reading(SourceOptions(), path / "cache"))


def ratings(tables: CanonicalTables) -> pd.DataFrame:
    assert tables.interactions is not None
    return pd.concat(tables.interactions.chunks(Rejects()))


@pytest.fixture(scope="module")
def tables(tiny_path: Path) -> CanonicalTables:
    return read(tiny_path)


def lines(path: Path, name: str) -> list[list[str]]:
    return [line.split("\t") for line in (path / f"ml-100k.{name}").read_text().splitlines()[1:]]


def test_tables_are_whole(tables: CanonicalTables) -> None:
    check_tables(tables)
    assert tables.users is not None and tables.items is not None
    assert (len(tables.users), len(tables.items), len(ratings(tables))) == (12, 30, 190)
    assert tables.items["itemId"].dtype == tables.users["userId"].dtype == "int64"


def test_users_and_movies(tables: CanonicalTables) -> None:
    assert tables.users.columns.tolist() == ["userId", "age", "gender", "occupation"]
    movies = tables.items.set_index("itemId")
    assert movies.loc[2].tolist() == [2, "The Glass Harbor", 1992]
    assert pd.isna(movies.at[29, "year"])
    assert set(movies["title"][[18, 19]]) == {"The Salt Road"}


def test_edges_are_the_triples_of_the_catalogue(tables: CanonicalTables, tiny_path: Path) -> None:
    item_of = {film: int(item) for item, film in lines(tiny_path, "link")}
    triples = lines(tiny_path, "kg")
    directed = {(t, item_of[h]) for h, r, t in triples if r == "film.film.directed_by"}
    found = tables.edges["DIRECTED"].itertuples(index=False, name=None)
    assert {(start.removeprefix("person:"), end) for start, end in found} == directed
    about = {(item_of[h], t) for h, r, t in triples if r == "film.film.subjects" and h in item_of}
    found = tables.edges["HAS_SUBJECT"].itertuples(index=False, name=None)
    assert {(start, end.removeprefix("subject:")) for start, end in found} == about
    sequels = tables.edges["HAS_SEQUEL"].to_numpy().tolist()
    assert sequels == [[5, 6], [7, 8], [12, 13], [13, 14]]


def test_people_have_all_their_roles(tables: CanonicalTables) -> None:
    people = tables.entities[tables.entities["entityId"].str.startswith("person:")]
    roles = {"DIRECTED": "Director", "WROTE": "Writer", "PRODUCED": "Producer", "ACTED_IN": "Actor"}
    for person, labels in zip(people["entityId"], people["labels"], strict=True):
        own = {label for name, label in roles.items() if person in set(tables.edges[name]["start"])}
        assert set(labels) == {"Person", *own}


def test_who_has_no_known_name_has_none(
    tables: CanonicalTables, tiny_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Genres are called what they are; people get names only in the published graph."""
    known = pd.Series({"m.0p02": "Ada Moreau", "m.09": "Not there"})
    monkeypatch.setattr(source, "known_people", lambda: known)
    monkeypatch.setattr(source, "known_countries", lambda: pd.Series({"m.0c0": "Utopia"}))
    names = read(tiny_path).entities.set_index("entityId")["name"].dropna()
    assert names.loc["genre:Drama"] == "Drama" and names.loc["country:m.0c0"] == "Utopia"
    assert names[~names.index.str.startswith("genre:")].tolist() == ["Utopia"]
    graph = (tiny_path / "ml-100k.kg").read_bytes()
    monkeypatch.setitem(SHA256, "ml-100k.kg", hashlib.sha256(graph).hexdigest())
    found = read(tiny_path)
    names = found.entities.set_index("entityId")["name"]
    assert names.loc["person:m.0p02"] == "Ada Moreau"
    assert set(names.dropna()) - {"Ada Moreau", "Utopia"} == {
        one.removeprefix("genre:") for one in names.index if one.startswith("genre:")
    }
    assert found.report["entities without a name"] == names.isna().sum() > 0
    unnamed = tables.entities.drop(columns="name")
    pd.testing.assert_frame_equal(found.entities.drop(columns="name"), unnamed)


def test_what_is_dropped_is_counted(tables: CanonicalTables, tiny_path: Path) -> None:
    kept = sum(len(frame) for name, frame in tables.edges.items() if name != "HAS_GENRE")
    dropped = sum(n for name, n in tables.report.items() if name.startswith("triples dropped"))
    assert kept + dropped == tables.report["triples read"] == len(lines(tiny_path, "kg"))
    assert tables.report["movies without a link"] == 2


@pytest.mark.parametrize("name", ["files.zip", WHEEL])
def test_a_zip_file_reads_like_its_folder(
    tables: CanonicalTables, tiny_path: Path, tmp_path: Path, name: str
) -> None:
    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        for file in NAMES:
            archive.write(tiny_path / file, f"recbole/dataset_example/ml-100k/{file}")
    found = MovieLens100K().read(tmp_path / name, Reading(SourceOptions(), tmp_path))
    pd.testing.assert_frame_equal(ratings(found), ratings(tables))
    pd.testing.assert_frame_equal(found.entities, tables.entities)


Change = Callable[[str], str]


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("inter", lambda text: "", "ml-100k.inter is empty"),
        ("inter", lambda text: text.rpartition("\t")[0], "line 191: 3 fields instead of 4"),
        ("user", lambda text: text.replace("user_id:token", "user"), "no column 'user_id:token'"),
        ("inter", lambda text: text + "1\t1\tfive\t1\n", "line 192: column rating:float: 'five'"),
        ("item", lambda text: text + "30\tAgain\t1990\tDrama\n", "'30' occurs a second time"),
        ("user", lambda text: text + "13\told\tM\tnurse\t1\n", "line 14, column age:token: 'old'"),
    ],
)
def test_bad_input_is_refused(
    tiny_path: Path, tmp_path: Path, name: str, change: Change, message: str
) -> None:
    for file in NAMES:
        shutil.copy(tiny_path / file, tmp_path)
    bad = tmp_path / f"ml-100k.{name}"
    bad.write_text(change(bad.read_text()))
    with pytest.raises(InputError) as caught:
        read(tmp_path)
    assert message in caught.value.message
    assert caught.value.hint


def test_text_ids_stay_text(tiny_path: Path, tmp_path: Path) -> None:
    for file in NAMES:
        shutil.copy(tiny_path / file, tmp_path)
    with (tmp_path / "ml-100k.user").open("a") as file:
        file.write("u13\t\t\t\t\n")
    found = read(tmp_path)
    assert "u13" in found.users["userId"].tolist()
    assert set(ratings(found)["userId"]) <= set(found.users["userId"])
    assert found.users.set_index("userId").loc["u13"].isna().all()


def test_no_such_place(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nowhere does not exist"):
        read(tmp_path / "nowhere")
    with pytest.raises(InputError, match=r"there is no ml-100k\.user"):
        read(tmp_path)
    (tmp_path / "half.whl").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(InputError, match="not a readable zip"):
        MovieLens100K().read(tmp_path / "half.whl", Reading(SourceOptions(), tmp_path))


def test_offline_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(InputError, match="cannot fetch recbole==") as caught:
        fetch(tmp_path)
    assert f"reelgraph load ml-100k {WHEEL}" in caught.value.hint
    assert not list((tmp_path / "ml-100k").iterdir())


def test_another_wheel_of_that_name_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = tmp_path / "links"
    links.mkdir()
    info = "recbole-1.2.1.dist-info"
    with zipfile.ZipFile(links / WHEEL, "w") as archive:
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: recbole\nVersion: 1.2.1\n"
        )
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    with pytest.raises(InputError, match="is not the known file"):
        fetch(tmp_path)
    assert not list((tmp_path / "ml-100k").iterdir())


@pytest.mark.shared_data
def test_the_corrected_links_agree_with_others(ml100k_path: Path, shared_data: Path) -> None:
    """One Freebase director is one name in a list of directors that was made by others."""
    text = (shared_data / "ml-100k-imdb" / "auxiliary.txt").read_text(encoding="utf-8-sig")
    directors = {}
    for line in text.splitlines():
        fields = dict(part.split(":", 1) for part in line.split("|") if ":" in part)
        if fields["id"].isdigit() and fields.get("director", "N/A") != "N/A":
            directors[int(fields["id"])] = set(fields["director"].split(","))
    edges = (
        MovieLens100K().read(ml100k_path, Reading(SourceOptions(), ml100k_path)).edges["DIRECTED"]
    )
    agreeing = total = 0
    for _, movies in edges.groupby("start")["end"]:
        known = [directors[movie] for movie in movies if movie in directors]
        if len(known) > 1:
            agreeing += Counter(name for names in known for name in names).most_common(1)[0][1]
            total += len(known)
    assert total > 900
    assert agreeing / total > 0.9  # 0.36 with the links as published


@pytest.mark.shared_data
def test_the_people_of_the_published_graph_are_called_as_others_call_them(
    ml100k_path: Path, shared_data: Path
) -> None:
    """The first director of a movie in a list that was made by others, where both have one."""
    text = (shared_data / "ml-100k-imdb" / "auxiliary.txt").read_text(encoding="utf-8-sig")
    lists = {}
    for line in text.splitlines():
        fields = dict(part.split(":", 1) for part in line.split("|") if ":" in part)
        if fields["id"].isdigit():
            lists[int(fields["id"])] = fields.get("director", "")
    tables = MovieLens100K().read(ml100k_path, Reading(SourceOptions(), ml100k_path))
    names = tables.entities.set_index("entityId")["name"]
    directed = tables.edges["DIRECTED"]
    directed = directed[directed["start"].map(names).notna() & directed["end"].isin(lists)]
    pairs = zip(directed["start"].map(names), directed["end"].map(lists), strict=True)
    right = [name in others for name, others in pairs]
    assert len(right) > 1_200
    assert sum(right) / len(right) > 0.9  # this list has some movies mixed up with others
