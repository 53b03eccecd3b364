"""The source recbole: a made-up music data set, hostile headers, and MovieLens 100K."""

from __future__ import annotations

import csv
import gzip
import re
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.errors import InputError
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, Reading
from reelgraph.loader.sources import ml100k
from reelgraph.loader.sources.recbole import RecBole
from reelgraph.loader.sources.recbole.domain import relation_types
from reelgraph.loader.sources.recbole.options import RecBoleOptions

MUSIC = {
    "inter": """\
user_id:token	artist_id:token	play_count:float	timestamp:float
anna	a1	12	1100000000.5
anna	a2	3	1100000001
ben	a1	7	1100000002
ben	a9	1	1100000003
anna	a1	2	1100000004
""",
    "item": """\
artist_id:token	artist_name:token_seq	tags:token_seq	founded:token	heard:float	cover:float_seq
a1	The Glass Harbour	rock indie rock	1998	10.5	0.1 0.2
a2	Salt & Road		1990		0.3 0.4
a3	Never "Played"	jazz	2001	3	0.5 0.6
""",
    "user": """\
user_id:token	country:token	age:float	zip_code:token	name:token
anna	FI	31	00100	Anna
cleo	SE		11122	Cleo
""",
    "kg": """\
head_id:token	relation_id:token	tail_id:token
e1	music.artist.label	l1
e2	music.artist.label	l1
l1	music.label.artist	e1
e1	music.artist.similar	e2
e1	music.artist.similar	e7
e1	music.artist.similar	e8
l1	music.label.town	t1
e1	music.artist.label	l1
e1	rated	l1
""",
    "link": """\
artist_id:token	entity_id:token
a1	e1
a2	e2
a77	e7
""",
}


def write(folder: Path, files: dict[str, str] = MUSIC, name: str = "music") -> Path:
    folder.mkdir(exist_ok=True)
    for suffix, text in files.items():
        (folder / f"{name}.{suffix}").write_text(text, encoding="utf-8")
    return folder


def read(path: Path, rejects: Rejects | None = None, **options: Any) -> CanonicalTables:
    return RecBole().read(path, Reading(RecBoleOptions(**options), path, rejects or Rejects()))


def artists(tmp_path: Path, rejects: Rejects | None = None, **options: Any) -> CanonicalTables:
    options = {"item_column": "artist_id", "item_label": "Artist", **options}
    return read(tmp_path, rejects, **options)


def interactions(tables: CanonicalTables) -> pd.DataFrame:
    assert tables.interactions
    return pd.concat(tables.interactions.chunks(Rejects()), ignore_index=True)


def edges(tables: CanonicalTables, type_: str) -> list[tuple[Any, ...]]:
    return list(tables.edges[type_].itertuples(index=False, name=None))


def test_another_domain_than_films(tmp_path: Path) -> None:
    tables = artists(write(tmp_path))
    assert tables.id_space == "music"
    assert tables.items is not None
    items = tables.items.set_index("itemId").astype("object")
    assert items.columns.tolist() == ["title", "founded", "heard"]
    assert items.loc["a1"].tolist() == ["The Glass Harbour", 1998, 10.5]
    assert items.loc["a3", "title"] == 'Never "Played"'
    assert items.loc["a9"].isna().tolist() == [True, True, True]
    assert tables.users is not None
    users = tables.users.set_index("userId").astype("object")
    assert users.columns.tolist() == ["country", "age", "userName"]
    assert users.index.tolist() == ["anna", "ben", "cleo"]
    assert edges(tables, "HAS_TAG") == [
        ("a1", "tag:indie"),
        ("a1", "tag:rock"),
        ("a3", "tag:jazz"),
    ]
    tags = tables.entities[tables.entities["entityId"].str.startswith("tag:")]
    assert tags["name"].tolist() == ["indie", "jazz", "rock"]
    assert tags["labels"].tolist() == [["Tag"]] * 3
    found = interactions(tables)
    assert found.columns.tolist() == ["userId", "itemId", "line", "timestamp", "nanoseconds"]
    assert found.iloc[0].tolist() == ["anna", "a1", 2, 1100000000, 500_000_000]
    assert tables.interactions and tables.interactions.repeated == "last"
    assert tables.report["columns left out: zip_code of .user"] == 1
    assert tables.report["columns left out: cover of .item"] == 1
    assert tables.report["columns left out: play_count of .inter"] == 1
    assert tables.report["users without a row in .user"] == 1
    assert tables.report["items without a row in .item"] == 1


def test_texts_are_no_categories(tmp_path: Path) -> None:
    about = "item_id:token\tname:token\tdescription:token_seq\tmood:token_seq\tlike:token_seq\n"
    files = {
        "inter": "user_id:token\titem_id:token\n1\t2\n",
        "item": f"{about}2\tSong\ta long text\tsad slow\tx y\n",
    }
    tables = read(write(tmp_path, files), text=("mood",))
    assert tables.items is not None
    assert tables.items.to_numpy().tolist() == [[2, "Song", "a long text", "sad slow"]]
    with pytest.raises(InputError, match="no column 'moods'"):
        read(tmp_path, text=("moods",))
    assert edges(tables, "HAS_LIKE") == [(2, "like:x"), (2, "like:y")]


def test_a_user_id_that_says_who_it_is_stays_the_id(tmp_path: Path) -> None:
    files = {
        "inter": "email:token\titem_id:token\na@b\t2\n",
        "user": "email:token\tphone:token\na@b\t1\n",
    }
    tables = read(write(tmp_path, files))
    assert tables.users is not None
    assert tables.users.to_dict("list") == {"userId": ["a@b"]}


def test_plays_as_ratings_when_asked(tmp_path: Path) -> None:
    tables = artists(write(tmp_path), rating_column="play_count", repeated="first")
    assert interactions(tables)["rating"].tolist() == [12, 3, 7, 1, 2]
    assert tables.interactions and tables.interactions.repeated == "first"


def test_linked_ends_of_triples_are_items(tmp_path: Path) -> None:
    tables = artists(write(tmp_path))
    assert edges(tables, "MUSIC_ARTIST_LABEL") == [("a1", "entity:l1"), ("a2", "entity:l1")]
    assert edges(tables, "MUSIC_LABEL_ARTIST") == [("entity:l1", "a1")]
    assert edges(tables, "MUSIC_ARTIST_SIMILAR") == [("a1", "entity:e7"), ("a1", "entity:e8")]
    assert edges(tables, "MUSIC_ARTIST_SIMILAR_ITEM_TO_ITEM") == [("a1", "a2")]
    assert edges(tables, "KG_RATED") == [("a1", "entity:l1")]
    declared = {one.type: (one.start, one.end) for one in tables.schema.edges}
    assert declared["MUSIC_LABEL_ARTIST"] == ("KgEntity", "Artist")
    assert set(declared) == set(tables.edges)
    things = tables.entities[tables.entities["entityId"].str.startswith("entity:")]
    assert things["name"].tolist() == ["e7", "e8", "l1"]
    assert tables.report["triples dropped: repeats of another"] == 1
    assert tables.report["triples dropped: neither end is an item"] == 1
    assert tables.report["links dropped: unknown item"] == 1
    assert tables.report["items without a link"] == 2


def test_all_triples_when_asked(tmp_path: Path) -> None:
    tables = artists(write(tmp_path), all_triples=True)
    assert edges(tables, "MUSIC_LABEL_TOWN") == [("entity:l1", "entity:t1")]


def test_only_interactions(tmp_path: Path) -> None:
    text = "who:token\twhat:token\n7\t10\n8\t11\n"
    tables = read(write(tmp_path, {"inter": text}, "ml-tiny"))
    assert tables.users is None
    assert tables.items is not None
    assert tables.items["itemId"].tolist() == [10, 11]
    assert tables.items["title"].isna().all()  # the load calls new items by their ids
    assert tables.schema.item_label == "Movie"
    assert interactions(tables)["userId"].tolist() == [7, 8]
    assert not tables.edges
    assert not len(tables.entities)


@pytest.mark.parametrize("odd", ["x", "007", "12345678901234567890"])
def test_one_odd_id_does_not_turn_the_ids_of_all(tmp_path: Path, odd: str) -> None:
    rows = "".join(f"{n}\t{n}\n" for n in range(1, 50))
    inter = f"user_id:token\titem_id:token\n{rows}{odd}\t1\n1\t{odd}\n"
    item = "item_id:token\tname:token\n1\tA\n" + f"{odd}\tB\n"
    folder = write(tmp_path, {"inter": inter, "item": item})
    with pytest.raises(InputError, match=rf"music\.item, line 3: column item_id: '{odd}' is not"):
        read(folder)
    rejects = Rejects(limit=3)
    tables = read(folder, rejects)
    assert tables.interactions is not None
    found = pd.concat(tables.interactions.chunks(rejects))
    assert found["userId"].tolist() == found["itemId"].tolist() == list(range(1, 50))
    assert tables.items is not None
    assert tables.items["itemId"].tolist() == list(range(1, 50))
    assert rejects.total == 3
    texts = RecBole().read(folder, Reading(RecBoleOptions(), folder, text_ids=True))
    assert odd in set(interactions(texts)["userId"])


def test_ids_are_texts_where_many_are(tmp_path: Path) -> None:
    text = "user_id:token\titem_id:token\n1\t 7\n1 \t8\nx\t7\n"
    found = interactions(read(write(tmp_path, {"inter": text})))
    assert found["userId"].tolist() == ["1", "1", "x"]
    assert found["itemId"].tolist() == [7, 8, 7]


@pytest.mark.parametrize("how", ["one file", "zip", "gz", "other separators"])
def test_the_packing_does_not_matter(tmp_path: Path, how: str) -> None:
    folder = write(tmp_path / "music")
    expected, options = artists(folder), {}
    rows = interactions(expected)
    path = folder
    if how == "one file":
        write(folder, MUSIC, "another")
        path = folder / "music.inter"
    elif how == "zip":
        path = tmp_path / "music.zip"
        with zipfile.ZipFile(path, "w") as archive:
            for file in folder.iterdir():
                archive.write(file, f"some/folder/{file.name}")
    elif how == "gz":
        for file in list(folder.iterdir()):
            (folder / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
            file.unlink()
    else:
        options = {"field_separator": "::", "seq_separator": ","}
        changed = {name: text.replace("\t", "::") for name, text in MUSIC.items()}
        changed["item"] = changed["item"].replace("rock indie rock", "rock,indie,rock")
        write(folder, changed)
    found = artists(path, **options)
    assert found.report == expected.report
    assert found.items is not None and expected.items is not None
    pd.testing.assert_frame_equal(found.items, expected.items)
    pd.testing.assert_frame_equal(found.entities, expected.entities)
    pd.testing.assert_frame_equal(interactions(found), rows)


@pytest.mark.parametrize(
    ("suffix", "header", "message"),
    [
        ("inter", "user_id\titem_id", "'user_id' is not a column of an atomic file"),
        ("inter", "user_id:token\titem_id:int", "'item_id:int' is not a column"),
        ("inter", "user_id:token\tuser_id:token", "'user_id' occurs twice"),
        ("inter", "a:token\tb:token\tc:token", "no column user_id, and 3 columns of kind token"),
        ("inter", "user_id:token\titem_id:token\trating:token", "'rating:token' is not a float"),
        ("item", "id:token\tx`) DETACH DELETE n //:token", "is not a column of an atomic file"),
        ("item", "id:token\t__Load:token_seq", "is not a column of an atomic file"),
        ("item", "id:token\tfirst_seen:token\tfirstSeen:token", "a second property 'firstSeen'"),
        ("item", "id:token\ttag:token_seq\ttags:token_seq", "would both be (:Tag)"),
        ("user", "id:token\t:token", "':token' is not a column"),
    ],
)
def test_hostile_and_unclear_headers_are_refused(
    tmp_path: Path, suffix: str, header: str, message: str
) -> None:
    files = {"inter": "user_id:token\titem_id:token\n1\t2\n", suffix: header + "\n"}
    with pytest.raises(InputError) as caught:
        read(write(tmp_path, files))
    assert message in caught.value.message
    assert "line 1" in caught.value.message
    assert caught.value.hint


def test_names_that_reelgraph_uses_are_changed(tmp_path: Path) -> None:
    files = {
        "inter": "user_id:token\titem_id:token\n1\t2\n",
        "item": "item_id:token\tseq:float\tuser:token_seq\tproduct:token_seq\n2\t1\tx\ty\n",
    }
    tables = read(write(tmp_path, files))
    assert tables.schema.item_properties == ("title", "itemSeq")
    assert tables.schema.entity_labels == ("UserValue", "ProductValue")
    assert edges(tables, "HAS_USER_VALUE") == [(2, "userValue:x")]


@given(st.sets(st.text(min_size=1), max_size=30))
def test_any_relation_gives_a_safe_type_of_its_own(relations: set[str]) -> None:
    types = relation_types("x.kg", relations, ("HAS_TAG",))
    assert set(types) == relations
    assert len(set(types.values())) == len(relations)
    for one in types.values():
        assert one.isascii() and one[0].isupper() and one.replace("_", "").isalnum()
        assert one == one.upper()
        assert one not in {"RATED", "RECOMMENDED", "HAS_TAG", "SIMILAR_TO"}


@pytest.mark.parametrize(
    ("suffix", "row", "message"),
    [
        ("inter", "anna\t\t1\t1", "line 7: no user id or no item id"),
        ("inter", "anna\ta1\t1\tyesterday", "line 7: column timestamp:float: 'yesterday'"),
        ("item", "a1\tAgain\t\t\t\t", "line 5: artist_id 'a1' occurs a second time"),
        ("user", "\tFI\t1\t1\tx", "line 4: no user_id"),
        ("kg", "e1\t\tl1", "line 11: a field is empty"),
    ],
)
def test_bad_rows_are_rejected(tmp_path: Path, suffix: str, row: str, message: str) -> None:
    expected = interactions(artists(write(tmp_path)))
    write(tmp_path, {suffix: MUSIC[suffix] + row + "\n"})

    def everything(rejects: Rejects) -> pd.DataFrame:
        tables = artists(tmp_path, rejects)
        assert tables.interactions
        return pd.concat(tables.interactions.chunks(rejects), ignore_index=True)

    with pytest.raises(InputError, match=message):
        everything(Rejects())
    rejects = Rejects(1)
    pd.testing.assert_frame_equal(everything(rejects), expected)
    assert rejects.total == 1


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is no \.inter file"):
        read(tmp_path)
    write(tmp_path, {"inter": MUSIC["inter"]}, "b")
    write(tmp_path, {"inter": MUSIC["inter"]}, "a")
    with pytest.raises(InputError, match="several data sets: a, b"):
        read(tmp_path)
    assert artists(tmp_path, name="b").id_space == "b"
    write(tmp_path, {"kg": MUSIC["kg"]}, "b")
    with pytest.raises(InputError, match=r"there is no \.link file"):
        artists(tmp_path, name="b")


def plain_rows(path: Path, suffix: str) -> list[dict[str, str]]:
    with (path / f"ml-100k.{suffix}").open(encoding="utf-8", newline="\n") as file:
        reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [{key.split(":")[0]: value for key, value in row.items()} for row in reader]


def test_movielens_100k_is_what_the_files_say(ml100k_path: Path) -> None:
    tables = read(ml100k_path)
    rows = {suffix: plain_rows(ml100k_path, suffix) for suffix in ("inter", "item", "user", "kg")}
    found = interactions(tables)
    given_ = {(int(row["user_id"]), int(row["item_id"])): row for row in rows["inter"]}
    assert len(found) == len(given_) == len(rows["inter"])
    assert all(
        given_[row.userId, row.itemId]["timestamp"] == str(row.timestamp)
        and float(given_[row.userId, row.itemId]["rating"]) == row.rating
        for row in found.itertuples()
    )
    assert tables.items is not None and tables.users is not None
    assert len(tables.items) == len(rows["item"])
    assert tables.users["userId"].tolist() == sorted(int(row["user_id"]) for row in rows["user"])
    assert tables.users.columns.tolist() == ["userId", "age", "gender", "occupation"]
    genres = {
        (int(row["item_id"]), f"genre:{one}")
        for row in rows["item"]
        for one in row["class"].split()
    }
    assert set(edges(tables, "HAS_GENRE")) == genres
    titles = tables.items.set_index("itemId")
    assert titles.loc[12].tolist() == ["The Usual Suspects", 1995]


def test_the_triples_of_movielens_100k(ml100k_path: Path) -> None:
    """By the crosswalk, because the published link file has ids of another MovieLens."""
    tables = read(ml100k_path)
    items: dict[str, set[int]] = {}
    with Path(ml100k.__file__).with_name("crosswalk.csv").open() as file:
        for row in csv.DictReader(file):
            items.setdefault(row["movieLensId"], set()).add(int(row["itemId"]))
    films: dict[str, set[int]] = {}
    for row in plain_rows(ml100k_path, "link"):
        films.setdefault(row["entity_id"], set()).update(items.get(row["item_id"], ()))
    triples = plain_rows(ml100k_path, "kg")
    expected: Counter[str] = Counter()
    neither = 0
    for row in triples:
        heads, tails = films.get(row["head_id"], set()), films.get(row["tail_id"], set())
        neither += not heads and not tails
        if heads or tails:
            number = max(len(heads), 1) * max(len(tails), 1)
            expected[row["relation_id"].upper().replace(".", "_")] += number
    found: Counter[str] = Counter()
    for type_, frame in tables.edges.items():
        base = re.sub("_(ITEM|ENTITY)_TO_(ITEM|ENTITY)$", "", type_)
        found[base] += 0 if type_ == "HAS_GENRE" else len(frame)
    assert +found == expected
    assert tables.report["triples dropped: neither end is an item"] == neither
    assert tables.report["triples read"] == len(triples)


def rated(folder: Path, ratings: list[Any]) -> Path:
    """A data set with one column called rating."""
    rows = "".join(f"{n % 7}\t{n}\t{value}\n" for n, value in enumerate(ratings))
    return write(folder, {"inter": "user_id:token\titem_id:token\trating:float\n" + rows})


@pytest.mark.parametrize(
    ("ratings", "span"),
    [
        ([13883, 11690, 352698, 1], "1 to 352,698"),
        ([1, 1, 2, 1, 3, 1, 57, 1], "1 to 57"),
        ([0.3, 1.5, 11754.5], "0.3 to 11,754.5"),
        ([3, "", 4000, 2], "2 to 4,000"),
    ],
)
def test_counts_are_no_ratings(tmp_path: Path, ratings: list[Any], span: str) -> None:
    folder = rated(tmp_path, ratings)
    tables = read(folder)
    found = interactions(tables)
    assert "rating" not in found
    assert len(found) == len(ratings)
    (remark,) = [key for key in tables.report if "looks like a count" in key]
    assert f"rating ({span})" in remark
    assert "rating" in interactions(read(folder, rating_column="rating"))


@pytest.mark.parametrize(
    "ratings",
    [[0, 5, 3.5], [-9.5, 10, 3], [1, 2, 9, 10], [100, 80, 55, 90, 0], [20, 14, 11, 3], [1, 1]],
)
def test_ratings_of_usual_scales_stay(tmp_path: Path, ratings: list[Any]) -> None:
    tables = read(rated(tmp_path, ratings))
    assert interactions(tables)["rating"].tolist() == ratings
    assert not any("count" in key for key in tables.report)


def test_a_row_whose_count_is_no_number_is_kept(tmp_path: Path) -> None:
    tables = read(rated(tmp_path, ["many", 4000, 2]))
    assert interactions(tables)["itemId"].tolist() == [0, 1, 2]
    assert tables.items is not None
    assert tables.items["itemId"].tolist() == [0, 1, 2]


def test_a_rating_column_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no column 'stars'"):
        read(rated(tmp_path, [1, 2]), rating_column="stars")
