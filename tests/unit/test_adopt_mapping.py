"""Mapping files of ``reelgraph adopt``: reading, refusing, and the text of a proposal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reelgraph.errors import InputError
from reelgraph.graph.statistics import histogram
from reelgraph.loader.adopt.entities import new_ids
from reelgraph.loader.adopt.mapping import EntityMapping, GraphMapping, parse_mapping, read_mapping
from reelgraph.loader.adopt.propose import Proposal
from reelgraph.loader.adopt.text import mapping_text

_LEAST = """
name = "mine"
[users]
label = "User"
key = "userId"
[items]
label = ["Movie", "Series"]
key = "movieId"
[interactions]
type = "RATED"
"""


def test_the_least_mapping() -> None:
    mapping = parse_mapping(_LEAST, "m.toml")
    assert mapping.items.label == ("Movie", "Series")
    assert mapping.interactions.rating is None
    assert mapping.id_space == "adopted:mine"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("name = ", "name "), "line 2"),
        (('name = "mine"\n', ""), "name: is missing"),
        (('key = "userId"', 'kye = "userId"'), "users, kye: is not a key of a mapping"),
        (('["Movie", "Series"]', '["Movie", "User"]\n[[entities]]\nlabel = "User"'), "entities"),
        (('"RATED"', '"RECOMMENDED"'), "RECOMMENDED is written by reelgraph itself"),
        (('name = "mine"', 'name = "mine"\nrelationships = ["RATED"]'), "and in relationships"),
        (('"RATED"', '"RATED"\nunit = "days"'), "interactions, unit"),
        (('"User"', "[]"), "users, label: names no label"),
        (('"RATED"', '"RATED"\n[[entities]]\nkeys = ["a"]'), "entities, number 1, label: is "),
    ],
)
def test_what_a_mapping_cannot_say(change: tuple[str, str], message: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_mapping(_LEAST.replace(*change), "m.toml")
    assert str(caught.value).startswith("m.toml: ")
    assert message in str(caught.value)
    assert "adopt --init" in str(caught.value)


def test_one_label_cannot_be_two_kinds_of_entity() -> None:
    twice = '[[entities]]\nlabel = "Genre"\n'
    with pytest.raises(InputError, match="two of the entities have the same label"):
        parse_mapping(_LEAST + twice + twice, "m.toml")


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="there is no file"):
        read_mapping(tmp_path / "none.toml")
    file = tmp_path / "latin.toml"
    file.write_bytes(_LEAST.replace("mine", "é").encode("latin-1"))
    with pytest.raises(InputError, match="not UTF-8"):
        read_mapping(file)
    file.write_bytes(b"\xef\xbb\xbf" + _LEAST.encode())
    assert read_mapping(file).name == "mine"


_TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(_TEXT, _TEXT, _TEXT, st.none() | _TEXT)
def test_a_proposal_reads_as_what_it_proposes(a: str, b: str, c: str, d: str | None) -> None:
    """Whatever labels, types and properties are called."""
    mapping = GraphMapping.model_validate(
        {
            "name": a,
            "users": {"label": ("u" + a, b), "key": b, "name": d},
            "items": {"label": "i" + c + a + b, "key": a, "title": d},
            "interactions": {"type": "t" + a, "timestamp": d, "unit": "milliseconds"},
            "relationships": ("r" + b, "r" + c),
            "entities": [{"label": "e" + c, "keys": (a, b), "name": d}],
        }
    )
    assert parse_mapping(mapping_text(Proposal(mapping, notes=[a, b])), "x") == mapping


def _row(node: int, label: str, name: str | None, entity: str | None = None) -> dict[str, Any]:
    labels = [label, "Entity"] if entity else [label]
    return {"node": str(node), "labels": labels, "entityId": entity, "values": {"name": name}}


def test_ids_of_entities_are_unique_and_do_not_depend_on_interruptions() -> None:
    kinds = (EntityMapping(label="A", keys=("name",)), EntityMapping(label="B", kind="a"))
    rows = [
        _row(1, "A", "x"),
        _row(2, "A", "x"),
        _row(3, "A", None),
        _row(4, "B", None),
        _row(5, "A", "x#2"),
        _row(6, "A", ""),
    ]
    found = {one["node"]: one["entityId"] for one in new_ids(rows, kinds)}
    assert list(found.values()) == ["a:x", "a:x#2", "a:#1", "a:#2", "a:x#2#2", "a:#3"]
    for done in range(len(rows)):
        half = [
            _row(
                n,
                row["labels"][0],
                row["values"]["name"],
                found[row["node"]] if n <= done else None,
            )
            for n, row in enumerate(rows, 1)
        ]
        again = {one["node"]: one["entityId"] for one in new_ids(half, kinds)}
        assert again == {node: name for node, name in found.items() if int(node) > done}


def test_a_histogram_has_a_bar_a_rating_or_ten_ranges() -> None:
    few = [{"rating": n / 2, "interactions": n} for n in range(1, 11)]
    assert [bar["from"] for bar in histogram(few)] == [n / 2 for n in range(1, 11)]
    many = histogram([{"rating": float(n), "interactions": 1} for n in range(101)])
    assert [bar["interactions"] for bar in many] == [10] * 9 + [11]
    assert many[-1]["to"] == pytest.approx(100)
    assert histogram([]) == []
