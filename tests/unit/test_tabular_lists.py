"""Values of a field, roles at relationships and repeated rows, as a mapping says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.errors import InputError
from reelgraph.loader.reading.rejects import Rejects
from reelgraph.loader.source import CanonicalTables, Reading, SourceOptions
from reelgraph.loader.sources.tabular import TabularSource
from reelgraph.loader.sources.tabular.lists import fields_of, read_list

MAPPING = """\
name = "x"
item_label = "Movie"
missing = ["?", "unknown"]
[interactions]
file = "log.csv"
user = "u"
item = "i"
[items]
file = "movies.csv"
id = "i"
"""


def read(folder: Path, mapping: str, rejects: Rejects | None = None, **texts: str) -> Any:
    (folder / "map.toml").write_text(mapping, encoding="utf-8")
    for name, text in {"log": "u,i\na,1\n", **texts}.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    reading: Reading[Any] = Reading(SourceOptions(), folder, rejects or Rejects())
    return TabularSource().read(folder / "map.toml", reading)


def ends(tables: CanonicalTables, type_: str) -> set[tuple[Any, ...]]:
    return set(tables.edges[type_].itertuples(index=False, name=None))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ('["USA"," UK"]', ["USA", "UK"]),
        ("['Norway', 'USA']", ["Norway", "USA"]),
        ("['Norway' 'USA']", ["Norway", "USA"]),
        ("[Norway, New Zealand]", ["Norway", "New Zealand"]),
        ("('a', 'b')", ["a", "b"]),
        ("[u'a', None, 3]", ["a", "3"]),
        ('["a, b", "\\u00e9"]', ["a, b", "é"]),
        ("['O\\'Brien', \"Rock 'n' Roll\"]", ["O'Brien", "Rock 'n' Roll"]),
        ("[]", []),
        ("USA", ["USA"]),
        ("(500) Days", ["(500) Days"]),
        ('["USA', None),
        ("['it's', 'b']", None),
    ],
)
def test_lists_in_brackets(text: str, values: list[str] | None) -> None:
    assert read_list(text) == values


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1).map(str.strip)


@given(st.lists(TEXTS.filter(bool).filter(lambda text: "{" not in text)))
def test_what_python_writes_is_read(values: list[str]) -> None:
    found = read_list(str(values))
    assert found == [value.strip() for value in values]


def test_lists_of_records() -> None:
    text = "[{'id': 16, 'name': 'Animation'}, {\"id\": 35, 'name': 'Family'}]"
    assert fields_of(text) == ["id", "name"]
    assert read_list(text, "name") == ["Animation", "Family"]


def test_a_column_of_lists(tmp_path: Path) -> None:
    entry = '[[knowledge]]\ncolumn = "c"\nlist = true\nlabel = "Country"\ntype = "HAS_COUNTRY"\n'
    movies = 'i,c\n1,"[""USA"","" UK""]"\n2,"[\'USA\', \'?\']"\n3,Peru\n4,?\n5,"[""Chi"\n'
    with pytest.raises(InputError, match=r"movies\.csv, line 6: column c is not a list"):
        read(tmp_path, MAPPING + entry, movies=movies)
    tables = read(tmp_path, MAPPING + entry, Rejects(limit=1), movies=movies)
    assert ends(tables, "HAS_COUNTRY") == {
        (1, "country:USA"),
        (1, "country:UK"),
        (2, "country:USA"),
        (3, "country:Peru"),
    }


def test_missing_values_between_separators_are_none(tmp_path: Path) -> None:
    entry = '[[knowledge]]\ncolumn = "c"\nseparator = ";"\nlabel = "Tag"\ntype = "HAS_TAG"\n'
    tables = read(tmp_path, MAPPING + entry, movies="i,c\n1,sea; unknown\n2,?;sea\n")
    assert tables.entities["entityId"].tolist() == ["tag:sea"]


ROLES = """\
[[knowledge]]
file = "acted.csv"
item = "i"
column = "p"
label = "Person"
type = "ACTED_IN"
from = "entity"
properties = { role = "role", billing = "n" }
names = { file = "people.csv", id = "p", name = "name" }
"""
PEOPLE = {"movies": "i\n1\n2\n", "people": "p,name\n7,Ada\n8,Tom\n"}


def test_roles_are_properties_of_relationships(tmp_path: Path) -> None:
    acted = "i,p,role,n\n1,7,Cook,1\n1,7,Pilot,2\n2,8,?,2\n2,8,?,2\n"
    tables = read(tmp_path, MAPPING + ROLES, acted=acted, **PEOPLE)
    assert tables.entities["name"].tolist() == ["Ada", "Tom"]
    found = tables.edges["ACTED_IN"].astype("object").set_index("start")
    assert found.loc["person:7"].tolist() == [1, "Cook; Pilot", 1]
    assert found["role"].isna().tolist() == [False, True]
    assert found["billing"].tolist() == [1, 2]
    assert tables.report["ACTED_IN: further rows of one pair, put together"] == 1


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (ROLES.replace("role =", "timestamp ="), "a time is said by the key 'timestamp'"),
        (ROLES.replace('"role"', '"rol"'), r"knowledge\.1\.properties\.role: .* no column 'rol'"),
        (ROLES.replace("from =", 'list = true\nseparator = ","\nfrom ='), "exclude each other"),
        (ROLES.replace("from =", 'field = "name"\nfrom ='), "goes with list = true"),
    ],
)
def test_mappings_that_cannot_be_meant(tmp_path: Path, entry: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, MAPPING + entry, acted="i,p,role,n\n1,7,Cook,1\n", **PEOPLE)


def test_of_repeated_rows_the_first_may_count(tmp_path: Path) -> None:
    movies = "i,c\n1,a\n2,b\n2,c\n"
    with pytest.raises(InputError, match=r"movies\.csv, line 4: column i: '2' has a row before"):
        read(tmp_path, MAPPING, movies=movies)
    text = MAPPING + 'repeated = "first"\nproperties = { c = "c" }\n'
    tables = read(tmp_path, text, movies=movies)
    assert tables.items["c"].tolist() == ["a", "b"]
    assert tables.report["movies.csv: further rows of one i, left out"] == 1
