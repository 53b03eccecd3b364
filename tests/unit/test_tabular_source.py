"""Reading by a mapping: canonical tables against what plain Python counts in the files."""

from __future__ import annotations

import bz2
import csv
import gzip
import json
import lzma
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reelgraph.errors import InputError
from reelgraph.loader.reading.ids import BLANKS
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.reading.times import Times
from reelgraph.loader.source import CanonicalTables, EdgeType, Reading, SourceOptions
from reelgraph.loader.sources.tabular import TabularSource
from reelgraph.loader.sources.tabular.values import typed
from reelgraph.plugins import manager

MUSIC = Path(__file__).parents[1] / "data" / "music"


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def read(mapping: Path, rejects: Rejects | None = None) -> tuple[CanonicalTables, pd.DataFrame]:
    rejects = rejects or Rejects()
    reading: Reading[Any] = Reading(SourceOptions(), mapping.parent, rejects)
    tables = TabularSource().read(mapping, reading)
    assert tables.interactions is not None
    return tables, pd.concat(list(tables.interactions.chunks(rejects)), ignore_index=True)


def files(folder: Path, **texts: str) -> Path:
    """Files by name (``_`` is a point) and the mapping among them, whose path is returned."""
    for name, text in texts.items():
        path = folder / name.replace("_", ".")
        path.write_text(text, encoding="utf-8", newline="")
    return folder / "map.toml"


PLAIN = (
    'name = "x"\nitem_label = "Thing"\n[interactions]\nfile = "log.csv"\nuser = "u"\nitem = "i"\n'
)


def test_the_source_is_registered() -> None:
    assert manager.PluginManager(installed=False).sources()["tabular"] is TabularSource


def test_music() -> None:
    tables, found = read(MUSIC / "music.toml")
    plays, artists = rows_of(MUSIC / "plays.tsv", "\t"), rows_of(MUSIC / "artists.csv")
    listeners = rows_of(MUSIC / "listeners.csv")
    assert list(found.columns) == ["userId", "itemId", "line", "timestamp", "nanoseconds"]
    expected = [(row["user_id"], int(row["artist_id"])) for row in plays]
    assert list(zip(found["userId"], found["itemId"], strict=True)) == expected
    seconds = [int(datetime.fromisoformat(row["played_at"]).timestamp()) for row in plays]
    assert found["timestamp"].tolist() == seconds
    assert found["line"].tolist() == list(range(2, len(plays) + 2))
    items, users = tables.items, tables.users
    assert items is not None
    assert users is not None
    assert items["title"].tolist() == [row["name"] for row in artists]
    assert items["country"].dropna().tolist() == [r["country"] for r in artists if r["country"]]
    assert items["formed"].dropna().tolist() == [int(r["formed"]) for r in artists if r["formed"]]
    assert (str(items["formed"].dtype), str(items["itemId"].dtype)) == ("Int64", "int64")
    assert users["userId"].tolist() == [row["user_id"] for row in listeners]
    tags = {(int(row["artist_id"]), tag) for row in artists for tag in row["tags"].split("|")}
    edges = tables.edges["HAS_TAG"]
    assert set(zip(edges["start"], edges["end"], strict=True)) == {(i, f"tag:{t}") for i, t in tags}
    assert len(edges) == len(tags)
    assert set(tables.entities["name"]) == {tag for _, tag in tags}
    assert tables.schema.edges == (EdgeType("HAS_TAG", "Artist", "Tag"),)
    assert (tables.id_space, tables.source) == ("music", "tabular")
    assert tables.report["items"] == len(artists)


def test_without_tables_users_and_items_are_those_of_the_interactions(tmp_path: Path) -> None:
    tables, found = read(files(tmp_path, log_csv="u,i\na,7\nb,7\na,8\n", map_toml=PLAIN))
    assert tables.users is None
    assert tables.items is not None
    assert tables.items["itemId"].tolist() == [7, 8]
    assert tables.items["title"].isna().all()  # the load calls them by their ids
    assert found["userId"].tolist() == ["a", "b", "a"]
    assert found["itemId"].tolist() == [7, 7, 8]


@pytest.mark.parametrize(
    ("ids", "expected"),
    [(["1", "20"], [1, 20]), (["01", "2"], ["01", "2"]), (["1", "x"], ["1", "x"])],
)
def test_ids_are_integers_where_all_are(
    tmp_path: Path, ids: list[str], expected: list[Any]
) -> None:
    text = "u,i\n" + "".join(f"{one},9\n" for one in ids)
    _, found = read(files(tmp_path, log_csv=text, map_toml=PLAIN))
    assert found["userId"].tolist() == expected


def test_ids_with_gaps_as_pandas_writes_them(tmp_path: Path) -> None:
    items = PLAIN + '[items]\nfile = "items.csv"\nid = "i"\n'
    texts = {"log_csv": "u,i\n7.0,1\n,2\n8.0,2\n", "items_csv": "i,x\n1.0,a\n2.0,b\n"}
    rejects = Rejects(limit=1)
    tables, found = read(files(tmp_path, map_toml=items, **texts), rejects)
    assert found[["userId", "itemId"]].to_numpy().tolist() == [[7, 1], [8, 2]]
    assert tables.items is not None
    assert tables.items["itemId"].tolist() == [1, 2]


def of_parquet(folder: Path, mapping: str = PLAIN, **columns: Any) -> Path:
    """A mapping of Parquet files; ``log`` and others have a table each, given by columns."""
    for name, table in columns.items():
        pq.write_table(pa.table(table), folder / f"{name}.parquet")
        mapping = mapping.replace(f"{name}.csv", f"{name}.parquet")
    return files(folder, map_toml=mapping)


NAN = float("nan")


@pytest.mark.parametrize(
    ("users", "items"),
    [
        (pa.array([1.0, 2.0, NAN, NAN]), pa.array([10.0, NAN, 10.0, 11.0])),
        (pa.array([1, 2, None, None]), pa.array([10, None, 10, 11], pa.int32())),
        (pa.array(["1", "2", "", None]), pa.array(["10", " ", "10", "11"])),
        (pa.array(["1", "2", "  ", None]).dictionary_encode(), pa.array([10, NAN, 10, 11])),
    ],
)
def test_rows_without_an_id_in_parquet(tmp_path: Path, users: Any, items: Any) -> None:
    log = {"u": users, "i": items, "r": [5.0, 4.0, 3.0, 2.0]}
    rejects = Rejects(limit=3, file=tmp_path / "rejected.csv")
    _, found = read(of_parquet(tmp_path, PLAIN + 'rating = "r"\n', log=log), rejects)
    assert found[["userId", "itemId"]].astype("int64").to_numpy().tolist() == [[1, 10]]
    assert pd.api.types.is_integer_dtype(found["itemId"])
    listed = rows_of(tmp_path / "rejected.csv")
    assert {(int(row["line"]), row["reason"]) for row in listed} == {
        (2, "column i: there is no id"),
        (3, "column u: there is no id"),
        (4, "column u: there is no id"),
    }


def test_side_files_in_parquet_with_gaps(tmp_path: Path) -> None:
    """NaN in float columns is no value: neither an id, nor a property, nor a tag."""
    mapping = PLAIN + (
        '[items]\nfile = "items.csv"\nid = "i"\ntitle = "n"\n'
        'properties = { year = "y", price = "p" }\n[users]\nfile = "users.csv"\nid = "u"\n'
        '[[knowledge]]\nfile = "tags.csv"\nitem = "i"\ncolumn = "t"\nlabel = "Tag"\n'
        'type = "HAS_TAG"\n'
    )
    path = of_parquet(
        tmp_path,
        mapping,
        log={"u": [1.0, NAN, 2.0], "i": [10.0, 10.0, 11.0]},
        items={"i": [10.0, NAN, 11.0], "n": ["A", "B", "C"], "y": [1999.0, 1.0, NAN]}
        | {"p": [NAN, 1.0, 2.5]},
        users={"u": [NAN, 1.0, 2.0]},
        tags={"i": [10.0, NAN, 11.0], "t": [7.0, 7.0, NAN]},
    )
    rejects = Rejects(limit=4)
    tables, found = read(path, rejects)
    assert found[["userId", "itemId"]].to_numpy().tolist() == [[1, 10], [2, 11]]
    items, users = tables.items, tables.users
    assert items is not None
    assert users is not None
    assert items["itemId"].tolist() == [10, 11]
    assert users["userId"].tolist() == [1, 2]
    assert (items["year"].tolist()[0], str(items["year"].dtype)) == (1999, "Int64")
    assert items[["year", "price"]].isna().to_numpy().tolist() == [[False, True], [True, False]]
    assert tables.edges["HAS_TAG"].to_numpy().tolist() == [[10, "tag:7"]]
    assert rejects.total == 4


@pytest.mark.parametrize("column", [pa.array(["7", "bob", "9"]), pa.array([7.0, 8.5, 9.0])])
def test_an_odd_id_in_parquet_is_one_bad_row(tmp_path: Path, column: Any) -> None:
    mapping = PLAIN + '[items]\nfile = "items.csv"\nid = "i"\n'
    path = of_parquet(tmp_path, mapping, log={"u": [1, 1, 2], "i": column}, items={"i": [7, 9]})
    rejects = Rejects(limit=1)
    _, found = read(path, rejects)
    assert found["itemId"].tolist() == [7, 9]
    with pytest.raises(InputError, match=r"line 2: column i: '(bob|8.5)' is not a whole number"):
        read(path)


@pytest.mark.parametrize("blank", [" ", "\t", "\u00a0"])
def test_ids_are_read_without_blanks_around_them(tmp_path: Path, blank: str) -> None:
    mapping = PLAIN + (
        '[items]\nfile = "items.csv"\nid = "i"\ntitle = "n"\nproperties = { year = "y" }\n'
        '[[knowledge]]\nfile = "tags.csv"\nitem = "i"\ncolumn = "t"\nlabel = "Tag"\n'
        'type = "HAS_TAG"\n'
    )
    text = "u,i\nann,A\nann ,B\n ann,A\nbob,A \n"
    items = "i,n,y\nA , One, 1999\n B,Two,2001\n"
    texts = {"log_csv": text, "items_csv": items, "tags_csv": "i,t\n A,x\nB , y\n"}
    texts = {name: text.replace(" ", blank) for name, text in texts.items()}
    tables, found = read(files(tmp_path, map_toml=mapping, **texts))
    assert found["userId"].tolist() == ["ann", "ann", "ann", "bob"]
    assert found["itemId"].tolist() == ["A", "B", "A", "A"]
    assert tables.items is not None
    assert tables.items.to_numpy().tolist() == [["A", "One", 1999], ["B", "Two", 2001]]
    assert tables.edges["HAS_TAG"].to_numpy().tolist() == [["A", "tag:x"], ["B", "tag:y"]]


def test_a_folder_of_parquet_parts_is_one_file(tmp_path: Path) -> None:
    """As Spark writes them, also with partitions by a column."""
    for number, name in enumerate(("day=1/part-0.parquet", "day=2/part-0.parquet")):
        part = tmp_path / "log.parquet" / name
        part.parent.mkdir(parents=True)
        pq.write_table(pa.table({"u": ["a", None], "i": [7 + number, 9]}), part)
    (tmp_path / "log.parquet" / "_SUCCESS").touch()
    (tmp_path / "log.parquet" / ".part.crc").write_bytes(b"x")
    mapping = PLAIN.replace("log.csv", "log.parquet") + 'rating = "day"\n'
    rejects = Rejects(limit=2, file=tmp_path / "rejected.csv")
    _, found = read(files(tmp_path, map_toml=mapping), rejects)
    assert found[["userId", "itemId", "rating"]].to_numpy().tolist() == [["a", 7, 1], ["a", 8, 2]]
    assert [row["line"] for row in rows_of(tmp_path / "rejected.csv")] == ["2", "4"]


def test_a_folder_of_other_parts_is_named(tmp_path: Path) -> None:
    (tmp_path / "log.csv").mkdir()
    (tmp_path / "log.csv" / "part-0.csv").write_text("u,i\na,7\n")
    with pytest.raises(InputError, match=r"'log\.csv' is a folder without"):
        read(files(tmp_path, map_toml=PLAIN))


@pytest.mark.parametrize("key", ["i", "u"])
def test_a_list_column_is_no_id(tmp_path: Path, key: str) -> None:
    log = {"u": ["a"], "i": ["x"], key: [["x", "y"]]}
    with pytest.raises(InputError, match=rf"column '{key}' of log.parquet holds lists"):
        read(of_parquet(tmp_path, log=log))


def test_blanks_around_names_in_the_header(tmp_path: Path) -> None:
    text = "u, i, when\n1, 10, 1600000000\n1,11,1600000001\n2, 10 , 1600000002\n"
    mapping = PLAIN + 'timestamp = "when"\n'
    mapping = mapping.replace('"i"', '" i"')  # as proposals said it once
    tables, found = read(files(tmp_path, log_csv=text, map_toml=mapping))
    assert found["itemId"].tolist() == [10, 11, 10]
    _, again = read(of_parquet(tmp_path, log={"u": [1], " i": [10]}))
    assert again["itemId"].tolist() == [10]
    assert found["timestamp"].tolist() == [1600000000, 1600000001, 1600000002]
    assert tables.items is not None
    assert tables.items["itemId"].tolist() == [10, 11]


def test_a_long_field_and_a_mapping_with_a_byte_order_mark(tmp_path: Path) -> None:
    text = "u,i,text\n" + f'a,7,"{"x" * 140_000}, and more"\nb,8,short\n'
    path = files(tmp_path, log_csv=text, map_toml="\ufeff" + PLAIN + 'timestamp = "text"\n')
    with pytest.raises(InputError, match=r"log\.csv"):  # it is no time, but it can be read
        read(path)
    path = files(tmp_path, map_toml="\ufeff" + PLAIN)
    assert read(path)[1]["itemId"].tolist() == [7, 8]


@pytest.mark.parametrize("form", ["zip", "in zip", "gz", "bz2", "xz", "wrong name"])
def test_packed_files(tmp_path: Path, form: str) -> None:
    text = b"u,i\na,7\n"
    name = {"in zip": "all.zip/log.csv", "wrong name": "log.csv"}.get(form, f"log.csv.{form}")
    if "zip" in form:
        with zipfile.ZipFile(tmp_path / name.split("/")[0], "w") as archive:
            archive.writestr("folder/log.csv", text)
            archive.writestr("__MACOSX/folder/._log.csv", b"\0")
            if form == "in zip":
                archive.writestr("folder/other.csv", b"x")
    else:
        pack = {"bz2": bz2.compress, "xz": lzma.compress}.get(form, gzip.compress)
        (tmp_path / name).write_bytes(pack(text))
    mapping = PLAIN.replace("log.csv", name)
    assert read(files(tmp_path, map_toml=mapping))[1]["itemId"].tolist() == [7]
    proposal = TabularSource.propose([tmp_path / name]).text
    assert f'file = "{name}"' in proposal
    assert 'user = "u"' in proposal


MANY = "".join(f"{n},7\n" for n in range(1, 31))


@pytest.mark.parametrize("odd", ["bob", "12345678901234567890", "007", "8.5"])
def test_one_odd_item_does_not_turn_the_ids_of_all(tmp_path: Path, odd: str) -> None:
    text = "i,u\n" + MANY + f"{odd},7\n"
    path = files(tmp_path, log_csv=text, map_toml=PLAIN)
    with pytest.raises(InputError, match=rf"log\.csv, line 32: column i: '{odd}' is not a whole"):
        read(path)
    rejects = Rejects(limit=1)
    tables, found = read(path, rejects)
    assert found["itemId"].tolist() == list(range(1, 31))
    assert tables.items is not None
    assert tables.items["itemId"].tolist() == list(range(1, 31))
    assert rejects.total == 1


def test_one_odd_row_of_a_side_file_is_named(tmp_path: Path) -> None:
    mapping = PLAIN + '[items]\nfile = "items.csv"\nid = "i"\n'
    items = "i,u\n" + MANY.replace("\n5,", "\nbob,")
    path = files(tmp_path, log_csv="u,i\na,6\n", items_csv=items, map_toml=mapping)
    with pytest.raises(InputError, match=r"items\.csv, line 6: column i: 'bob' is not a whole"):
        read(path)
    tables, found = read(path, Rejects(limit=1))
    assert (len(tables.items if tables.items is not None else ()), found["itemId"][0]) == (29, 6)
    tables = TabularSource().read(path, Reading(SourceOptions(), tmp_path, text_ids=True))
    assert tables.items is not None
    assert "bob" in set(tables.items["itemId"])


@pytest.mark.parametrize("bad", ["8.5", "9007199254740992.0", "-9007199254740993"])
def test_an_id_that_is_not_whole_is_not_another_id(tmp_path: Path, bad: str) -> None:
    mapping = PLAIN + '[items]\nfile = "items.csv"\nid = "i"\n'
    texts = {"log_csv": f"u,i\na,7.0\na,{bad}\nb,8.0\n", "items_csv": "i\n7\n8\n"}
    path = files(tmp_path, map_toml=mapping, **texts)
    with pytest.raises(InputError, match=r"log\.csv, line 3: column i: .*not a whole number"):
        read(path)
    rejects = Rejects(limit=1)
    _, found = read(path, rejects)
    assert found[["userId", "itemId"]].to_numpy().tolist() == [["a", 7], ["b", 8]]
    assert rejects.total == 1


def test_properties_have_the_type_that_fits_the_whole_column(tmp_path: Path) -> None:
    items = "i,n,whole,real,flag,zip,mixed\n1,A,1,1.5,true,02139,1\n2,B,,2,FALSE,10115,x\n"
    mapping = (
        PLAIN + '[items]\nfile = "items.csv"\nid = "i"\ntitle = "n"\nproperties = '
        '{ whole = "whole", real = "real", flag = "flag", zip = "zip", mixed = "mixed" }\n'
    )
    tables, _ = read(files(tmp_path, log_csv="u,i\n1,1\n", items_csv=items, map_toml=mapping))
    assert tables.items is not None
    assert {name: str(kind) for name, kind in tables.items.dtypes.items()} == {
        "itemId": "int64",
        "title": "str",
        "whole": "Int64",
        "real": "Float64",
        "flag": "boolean",
        "zip": "str",
        "mixed": "str",
    }
    assert tables.items["whole"].isna().tolist() == [False, True]


def test_people_with_several_roles_are_one_entity(tmp_path: Path) -> None:
    mapping = PLAIN + (
        '[items]\nfile = "films.csv"\nid = "i"\n'
        '[[knowledge]]\ncolumn = "by"\nlabel = ["Person", "Director"]\ntype = "DIRECTED"\n'
        'from = "entity"\n'
        '[[knowledge]]\ncolumn = "cast"\nseparator = ","\nlabel = ["Person", "Actor"]\n'
        'type = "ACTED_IN"\nfrom = "entity"\n'
    )
    films = 'i,by,cast\nf1,Ann,"Ann, Bob,,Bob"\nf2,Bob,\n'
    tables, _ = read(files(tmp_path, log_csv="u,i\n1,f1\n", films_csv=films, map_toml=mapping))
    people = tables.entities.set_index("entityId")
    assert people["labels"].to_dict() == {
        "person:Ann": ["Person", "Director", "Actor"],
        "person:Bob": ["Person", "Director", "Actor"],
    }
    assert tables.edges["ACTED_IN"].to_numpy().tolist() == [
        ["person:Ann", "f1"],
        ["person:Bob", "f1"],
    ]
    assert EdgeType("DIRECTED", "Person", "Thing", "Entity", "Item") in tables.schema.edges


def test_pairs_with_times_and_names_from_a_file(tmp_path: Path) -> None:
    mapping = PLAIN + (
        '[[knowledge]]\nfile = "tagged.csv"\nitem = "i"\ncolumn = "t"\nlabel = "Tag"\n'
        'type = "TAGGED"\ntimestamp = "at"\nnames = { file = "tags.csv", id = "t", name = "n" }\n'
    )
    tables, _ = read(
        files(
            tmp_path,
            log_csv="u,i\n1,5\n",
            tagged_csv="i,t,at\n5,1,1600000002\n5,1,1600000001\n5,2,1600000004\n5,3,\n"
            "6,1,1600000003\n",
            tags_csv="t,n\n1,rock\n",
            map_toml=mapping,
        )
    )
    edges = tables.edges["TAGGED"]
    assert edges["end"].tolist() == ["tag:1", "tag:2"]
    assert edges["timestamp"].tolist() == [1600000001, 1600000004]  # the earliest counts
    assert tables.entities["name"].tolist() == ["rock", "2"]
    # it would be no event, and so be exported as knowledge
    assert tables.report["TAGGED: rows without a time"] == 1
    assert tables.report["TAGGED: rows about unknown items"] == 1
    assert tables.report["Tag: values without a name"] == 1


def test_pairs_that_name_items_by_another_key(tmp_path: Path) -> None:
    mapping = PLAIN + (
        '[items]\nfile = "items.csv"\nid = "i"\nproperties = { shopId = "shop_id" }\n'
        '[[knowledge]]\nfile = "tagged.csv"\nitem = "id"\nkey = "shop_id"\ncolumn = "t"\n'
        'label = "Tag"\ntype = "HAS_TAG"\n'
    )
    tables, _ = read(
        files(
            tmp_path,
            log_csv="u,i\n1,5\n",
            items_csv="i,shop_id\n5,77\n6,5\n7,\n",
            tagged_csv="id,t\n77,a\n5,b\n8,c\n",
            map_toml=mapping,
        )
    )
    assert tables.edges["HAS_TAG"].to_numpy().tolist() == [[5, "tag:a"], [6, "tag:b"]]
    assert tables.report["HAS_TAG: rows about unknown items"] == 1


@pytest.mark.parametrize(
    ("when", "format", "seconds"),
    [
        ("1600000000", None, 1600000000),
        ("1600000000.9", None, 1600000000),
        ("1600000000123", None, 1600000000),
        ("2020-09-13T12:26:40Z", None, 1600000000),
        ("2020-09-13 14:26:40.5+02:00", None, 1600000000),
        ("2020-09-13", None, 1599955200),
        ("13 September 2020", "%d %B %Y", 1599955200),
        ("1969-12-31T23:59:59", None, -1),
    ],
)
def test_times(tmp_path: Path, when: str, format: str | None, seconds: int) -> None:
    said = f'timestamp = "t"\n{f"timestamp_format = {json.dumps(format)}" if format else ""}\n'
    text = f"u,i,t\n1,1,{when}\n1,2,\n"
    tables, found = read(files(tmp_path, log_csv=text, map_toml=PLAIN + said))
    assert found["timestamp"].tolist() == [seconds, pd.NA]
    milliseconds = "timestamps in milliseconds, loaded as seconds"
    assert (milliseconds in tables.report) == (len(when) == 13 and when.isdigit())


def test_dates_of_eight_digits_are_no_seconds(tmp_path: Path) -> None:
    mapping = PLAIN + 'timestamp = "t"\n'
    text = "u,i,t\n1,1,20050116\n1,2,\n1,3,20041231\n"
    path = files(tmp_path, log_csv=text, map_toml=mapping)
    with pytest.raises(
        InputError, match=r"log\.csv, line 2, column t: '20050116' .* dates"
    ) as caught:
        read(path)
    said = 'timestamp_format = "%Y%m%d"'
    assert said in caught.value.hint
    _, found = read(files(tmp_path, map_toml=mapping + said))
    assert found["timestamp"].tolist() == [1105833600, pd.NA, 1104451200]
    seconds = 'timestamp_unit = "seconds"'
    _, found = read(files(tmp_path, map_toml=mapping + seconds))
    assert found["timestamp"].tolist() == [20050116, pd.NA, 20041231]


@given(st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)))
def test_iso_dates_and_their_numbers_agree(time: datetime) -> None:
    whole = int(time.replace(tzinfo=UTC).timestamp())
    assert Times(None).seconds(pd.Series([time.isoformat()])).tolist() == [whole]
    numbers = pd.Series([float(whole * 1000)])
    assert Times("milliseconds").seconds(numbers).tolist() == [whole]


def test_bad_rows_are_rejected_with_line_and_reason(tmp_path: Path) -> None:
    text = "u,i,s,t\n1,1,4,2020-01-01\n,2,4,2020-01-01\n2,,4,2020-01-01\n3,1,good,2020-01-01\n"
    text += "3,1,4,someday\n4,1\n5,1,5,2020-01-02\n"
    mapping = PLAIN + 'rating = "s"\ntimestamp = "t"\n'
    path = files(tmp_path, log_csv=text, map_toml=mapping)
    with pytest.raises(InputError, match=r"log\.csv, line 5: column s: 'good' is not a number"):
        read(path)
    rejects = Rejects(limit=10, file=tmp_path / "rejected.csv")
    _, found = read(path, rejects)
    assert found["line"].tolist() == [2, 8]
    listed = sorted((int(row["line"]), row["reason"]) for row in rows_of(tmp_path / "rejected.csv"))
    assert [line for line, _ in listed] == [3, 4, 5, 6, 7]
    assert listed[3][1] == "column t: 'someday' is not an ISO 8601 date"


def test_an_item_that_stands_twice_is_rejected(tmp_path: Path) -> None:
    mapping = PLAIN + '[items]\nfile = "items.csv"\nid = "i"\ntitle = "n"\n'
    path = files(tmp_path, log_csv="u,i\n1,1\n", items_csv="i,n\n1,A\n1,B\n,C\n", map_toml=mapping)
    with pytest.raises(InputError, match=r"items\.csv, line 4: column i: there is no id"):
        read(path)
    rejects = Rejects(limit=2)
    tables, _ = read(path, rejects)
    assert tables.items is not None
    assert tables.items["title"].tolist() == ["A"]
    assert rejects.total == 2


@pytest.mark.parametrize(
    ("mapping", "message", "hint"),
    [
        (PLAIN.replace("log.csv", "lgo.csv"), "interactions.file: there is no", "'log.csv'"),
        (PLAIN + 'rating = "starz"', "interactions.rating: log.csv has no column", "'stars'"),
        (PLAIN + '[users]\nfile = "log.csv"\nid = "U"', "users.id: log.csv has no", "columns: u, "),
        (
            PLAIN + '[items]\nfile = "log.csv"\nid = "i"\nproperties = { year = "years" }',
            "items.properties.year: log.csv has no column 'years'",
            "'year'",
        ),
        (
            PLAIN + '[items]\nfile = "log.csv"\nid = "i"\n[[knowledge]]\ncolumn = "tags"\n'
            'label = "Tag"\ntype = "HAS_TAG"',
            "knowledge.1.column: log.csv has no column 'tags'",
            "",
        ),
        (PLAIN.replace('"i"', '"d"'), "interactions.item: log.csv has more than one column", ""),
    ],
)
def test_wrong_columns_and_files(tmp_path: Path, mapping: str, message: str, hint: str) -> None:
    path = files(tmp_path, log_csv="u,i,stars,year,d,d\n1,2,3,4,5,6\n", map_toml=mapping)
    with pytest.raises(InputError, match=r"map\.toml, ") as caught:
        read(path)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_parquet_column_of_the_wrong_type(tmp_path: Path) -> None:
    pd.DataFrame({"u": [1], "i": [2], "s": ["good"]}).to_parquet(tmp_path / "log.parquet")
    path = files(tmp_path, map_toml=PLAIN.replace("log.csv", "log.parquet") + 'rating = "s"')
    with pytest.raises(InputError, match=r"log.parquet, line 1: column s: .good. is not a number"):
        read(path)


def test_parquet_gives_what_csv_gives(tmp_path: Path) -> None:
    frame = pd.read_csv(MUSIC / "plays.tsv", sep="\t")
    frame.to_parquet(tmp_path / "log.parquet", row_group_size=100)
    frame.to_csv(tmp_path / "log.csv.gz", index=False)
    mapping = PLAIN.replace('"u"', '"user_id"').replace('"i"', '"artist_id"')
    mapping += 'rating = "plays"\ntimestamp = "played_at"\n'
    _, text = read(files(tmp_path, map_toml=mapping.replace("log.csv", "log.csv.gz")))
    _, parquet = read(files(tmp_path, map_toml=mapping.replace("log.csv", "log.parquet")))
    pd.testing.assert_frame_equal(parquet.drop(columns="line"), text.drop(columns="line"))
    assert parquet["line"].tolist() == list(range(1, len(frame) + 1))


TEXTS = st.one_of(
    st.sampled_from(
        ["'}) DETACH DELETE n //", "`", "$x", "\\u0027", "null", '"', "a\nb", "{}", "é"]
    ),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=10),
)


def distinct(values: Iterator[str]) -> list[str]:
    return list(dict.fromkeys(values))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(TEXTS, TEXTS, TEXTS, TEXTS), min_size=1, max_size=6))
def test_any_text_in_the_data_is_only_data(
    tmp_path: Path, rows: list[tuple[str, str, str, str]]
) -> None:
    rows = [
        (f"u{user}".strip(BLANKS), f"i{item}".strip(BLANKS), title.strip(BLANKS), tag)
        for user, item, title, tag in rows
    ]
    with (tmp_path / "log.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerows([("u", "i", "title", "tag"), *rows])
    mapping = PLAIN + (
        '[items]\nfile = "log.csv"\nid = "i"\ntitle = "title"\nproperties = { said = "title" }\n'
        '[[knowledge]]\ncolumn = "tag"\nlabel = "Tag"\ntype = "HAS_TAG"\n'
    )
    tables, found = read(files(tmp_path, map_toml=mapping))
    assert found["userId"].tolist() == [user for user, *_ in rows]
    assert found["itemId"].tolist() == [item for _, item, *_ in rows]
    items = tables.items
    assert items is not None
    assert items["itemId"].tolist() == distinct(item for _, item, *_ in rows)
    titles: dict[str, str] = {}
    for _, item, title, _ in rows:
        titles.setdefault(item, title)
    assert items["title"].fillna("").tolist() == list(titles.values())
    assert set(tables.edges) == {"HAS_TAG"}
    assert tables.edges["HAS_TAG"]["end"].str.startswith("tag:").all()
    assert all(labels == ["Tag"] for labels in tables.entities["labels"])


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "-2", None], "Int64"),
        (["1", "2.5", ".5", "1e3"], "Float64"),
        (["1", "02"], "str"),
        (["1.0", "00.5"], "str"),
        (["True", "false"], "boolean"),
        (["1", "true"], "str"),
        (["12345678901234567890", "1"], "str"),
        (["nan", "1"], "str"),
        (["1997.0", None], "Int64"),
        (["1997.0", "2001.0"], "Float64"),
        ([None, None], "str"),
    ],
)
def test_typed(texts: list[str | None], kind: str) -> None:
    assert str(typed(pd.Series(texts, dtype="str")).dtype) == kind
