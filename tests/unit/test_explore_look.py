"""Colours and captions: texts can be read, and each label of any graph has a look."""

from __future__ import annotations

import itertools
import json

import pytest

from reelgraph.explore.grass import grass
from reelgraph.explore.look import KNOWN, ROLES, contrast, node_looks
from reelgraph.explore.schema import Label, LiveSchema, RelationshipType

STRING, INTEGER, FLOATS = ("STRING",), ("INTEGER",), ("LIST<FLOAT>",)


def label(kind: str, nodes: int, *roles: str, **properties: tuple[str, ...]) -> Label:
    return Label(kind, nodes, frozenset(roles), properties)


MUSIC = LiveSchema(
    labels=(
        label("Item", 50, "Item", itemId=STRING, title=STRING, vectorA=FLOATS),
        label("Music.Track v2", 50, "Item", itemId=STRING, title=STRING),
        label("Entity", 20, "Entity", entityId=STRING, name=STRING),
        label("Artist", 15, "Entity", name=STRING),
        label("Festival", 5, "Entity", entityId=STRING),
        label("User", 10, "User", userId=INTEGER, vectorA=FLOATS),
        label("Listener", 10, "User", userId=INTEGER),
        label("Run", 1, runId=STRING, model=STRING),
        label("__Load", 9, batch=INTEGER),
    ),
    types=(
        RelationshipType("HEARD", frozenset({("User", "Item")}), {"rating": ("FLOAT",)}),
        RelationshipType("PLAYED_AT", frozenset({("Artist", "Festival")}), {}),
        RelationshipType("RECOMMENDED", frozenset({("User", "Item")}), {"rank": INTEGER}),
    ),
    interaction_type="HEARD",
    rating_scale=10.0,
)


def test_texts_have_contrast() -> None:
    looks = node_looks(MUSIC)
    assert len(looks) == len(MUSIC.labels)
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    known = [label(name, 1, "Entity", name=STRING) for name in KNOWN]
    looks += node_looks(LiveSchema(tuple(known), (), "RATED", None))
    assert [one.label for one in looks if contrast(one.text, one.color) < 4.5] == []


def test_those_who_confuse_colours_tell_roles_apart() -> None:
    """By the lightness that is left when hue is taken away, or by hue that they see."""
    for one, other in itertools.combinations(ROLES.values(), 2):
        blue = abs(int(one[5:], 16) - int(other[5:], 16)) / 255
        assert contrast(one, other) > 1.5 or blue > 0.3


def test_the_style_of_a_graph_with_other_labels() -> None:
    rules = json.loads(grass(MUSIC))
    assert rules["node.Music\\.Track v2"]["caption"] == "{title}"
    assert rules["node.Music\\.Track v2"]["color"] == rules["node.Item"]["color"]
    assert rules["node.Listener"]["color"] == rules["node.User"]["color"]
    assert rules["node.Listener"]["caption"] == "Listener {userId}"
    assert rules["node.Artist"]["color"] != rules["node.Festival"]["color"]
    assert rules["node.__Load"]["caption"] == "__Load"
    assert rules["relationship.HEARD"]["caption"] == "{rating} of 10"
    assert rules["relationship.PLAYED_AT"]["caption"] == "played at"


def test_the_most_special_label_counts() -> None:
    """The Browser takes the last rule that fits a node."""
    order = [one.label for one in node_looks(MUSIC)]
    assert order.index("Item") < order.index("Music.Track v2")
    assert order.index("Entity") < order.index("Artist") < order.index("Festival")
