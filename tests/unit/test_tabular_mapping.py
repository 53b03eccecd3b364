"""Mapping files: what they may say, and errors in their own words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reelgraph.errors import InputError
from reelgraph.loader.sources.tabular.mapping import FileMapping, KnowledgeKeys, load_mapping
from reelgraph.loader.sources.tabular.naming import (
    as_label,
    as_property,
    as_type,
    checked_label,
    words,
)

MINIMAL = """
name = "shop"
item_label = "Product"
[interactions]
file = "sales.csv"
user = "customer"
item = "sku"
"""


def load(folder: Path, text: str) -> FileMapping:
    path = folder / "mapping.toml"
    path.write_text(text)
    return load_mapping(path)


def test_defaults(tmp_path: Path) -> None:
    mapping = load(tmp_path, MINIMAL)
    assert mapping.interactions.type == "RATED"
    assert mapping.interactions.repeated == "last"
    assert (mapping.interactions.rating, mapping.interactions.timestamp) == (None, None)
    assert (mapping.items, mapping.users, mapping.knowledge) == (None, None, ())


def test_all_keys(tmp_path: Path) -> None:
    mapping = load(
        tmp_path,
        MINIMAL + 'rating = "stars"\ntimestamp = "when"\ntimestamp_format = "%d.%m.%Y"\n'
        'type = "BOUGHT"\nrepeated = "reject"\ndelimiter = ";"\nquoted = false\n'
        'encoding = "latin-1"\ncolumns = ["customer", "sku", "stars", "when"]\n'
        '[items]\nfile = "p.csv"\nid = "sku"\ntitle = "name"\nproperties = { price = "Price €" }\n'
        '[[knowledge]]\ncolumn = "cast"\nseparator = "|"\nlabel = ["Person", "Actor"]\n'
        'type = "ACTED_IN"\nfrom = "entity"\n'
        '[[knowledge]]\nfile = "tags.csv"\nitem = "sku"\ncolumn = "tag"\nlabel = "Tag"\n'
        'type = "HAS_TAG"\ntimestamp = "at"\nnames = { file = "n.csv", id = "i", name = "n" }\n'
        '[users]\nfile = "u.csv"\nid = "customer"\nname = "nick"\nproperties = { age = "Age" }\n',
    )
    assert mapping.knowledge[0].from_ == "entity"
    assert mapping.knowledge[0].label == ("Person", "Actor")
    assert mapping.knowledge[1].label == ("Tag",)
    assert mapping.items is not None
    assert mapping.items.properties == {"price": "Price €"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = = 1", r"mapping.toml is not a TOML file: .*line 1"),
        ('item_label = "A"\n[interactions]\n', "the key name is missing"),
        (MINIMAL + 'usr = "x"', r"unknown key interactions.usr\nDid you mean 'user'\?"),
        (MINIMAL + 'rating = ""', "interactions.rating: "),
        (MINIMAL + "rating = 5", "interactions.rating: .*string"),
        (MINIMAL + 'repeated = "never"', "interactions.repeated: .*'first'"),
        (MINIMAL + 'encoding = "cp1252"', "interactions.encoding: .*'latin-1'"),
        (MINIMAL + 'rating = "sku"', "the column 'sku' is named for two"),
        (MINIMAL + 'type = "bought it"', "interactions.type: 'bought it' is not the name of a"),
        (MINIMAL + 'type = "RECOMMENDED"', "'RECOMMENDED' is not free"),
        (MINIMAL.replace("Product", "User"), "item_label: 'User' is not free"),
        (MINIMAL.replace("Product", "__Load"), "item_label: '__Load' is not the name of a label"),
        (
            MINIMAL + '[items]\nfile = "p"\nid = "i"\nproperties = { vectorA = "x" }',
            "'vectorA' is not free as the name of a property",
        ),
        (
            MINIMAL + '[users]\nfile = "p"\nid = "i"\nproperties = { "a b" = "x" }',
            "'a b' is not the name of a property",
        ),
        (
            MINIMAL + '[[knowledge]]\ncolumn = "t"\nlabel = "Tag"\ntype = "HAS_TAG"',
            r"knowledge 1 names a column of \[items\]",
        ),
        (
            MINIMAL + '[[knowledge]]\nfile = "t"\ncolumn = "t"\nlabel = "Tag"\ntype = "HAS_TAG"',
            "knowledge.1: 'file' and 'item'",
        ),
        (
            MINIMAL + '[[knowledge]]\nlabl = "Tag"\ncolumn = "t"\nlabel = "Tag"\ntype = "T"',
            r"unknown key knowledge.1.labl\nDid you mean 'label'\?",
        ),
        (
            MINIMAL + '[[knowledge]]\nfile = "t"\nitem = "i"\ncolumn = "t"\nlabel = "Tag"\n'
            'type = "RATED"',
            "RATED is the interactions' type",
        ),
    ],
)
def test_errors_name_file_key_and_what_to_do(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        load(tmp_path, text)
    assert "mapping.toml" in caught.value.message
    assert caught.value.hint


def test_a_missing_mapping_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--init"):
        load_mapping(tmp_path / "none.toml")


def test_one_type_cannot_go_both_ways(tmp_path: Path) -> None:
    pair = '[[knowledge]]\nfile = "t"\nitem = "i"\ncolumn = "c"\nlabel = "Tag"\ntype = "T"\n'
    with pytest.raises(InputError, match="T is used for two kinds"):
        load(tmp_path, MINIMAL + pair + pair + 'from = "entity"\n')
    assert len(load(tmp_path, MINIMAL + pair + pair).knowledge) == 2


HOSTILE = st.one_of(
    st.sampled_from(["Tag`) DETACH DELETE n //", "A:B", "$x", "é", "", " Tag", "Tag\n", "__X"]),
    st.text(max_size=12),
)


@given(HOSTILE)
def test_no_other_names_reach_the_graph(name: str) -> None:
    keys = {"column": "c", "label": "Tag", "type": "T"}
    for key, pattern in (("label", "[A-Z][A-Za-z0-9_]*"), ("type", "[A-Z][A-Z0-9_]*")):
        try:
            KnowledgeKeys.model_validate({**keys, key: name})
        except ValidationError:
            continue
        assert re.fullmatch(pattern, name)
        assert name.isascii()


@given(HOSTILE)
def test_proposed_names_are_valid(text: str) -> None:
    label = as_label(text)
    assert checked_label(label) == label
    assert re.fullmatch(r"HAS_[A-Z0-9_]+", as_type(label))
    assert re.fullmatch(r"[A-Za-z][A-Za-z0-9]*", as_property(text))


def test_words_of_names() -> None:
    assert words("artistID") == ["artist", "id"]
    assert words("Review-Date") == ["review", "date"]
    assert words("IMDbId") == ["im", "db", "id"]
    assert [as_label(text) for text in ("genres", "Countries", "movie_series", "boss")] == [
        "Genre",
        "Country",
        "MovieSeries",
        "Boss",
    ]
    assert as_property("Release Year") == "releaseYear"
    assert as_property("title") == "titleValue"
