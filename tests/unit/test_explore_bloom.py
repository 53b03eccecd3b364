"""The perspective against the JSON Schema of its format, which published ones fit, too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reelgraph import cypher
from reelgraph.explore.bloom import perspective
from reelgraph.explore.bloom_queries import ACTIONS, PHRASES, Tried
from reelgraph.explore.schema import Label, LiveSchema, RelationshipType

SCHEMAS = Path(__file__).parents[1] / "data" / "bloom"

MOVIES = LiveSchema(
    labels=(
        Label("Entity", 9, frozenset({"Entity"}), {"entityId": ("STRING",), "name": ("STRING",)}),
        Label("Person", 8, frozenset({"Entity"}), {"name": ("STRING",)}),
        Label("Director", 2, frozenset({"Entity"}), {"name": ("STRING",)}),
        Label(
            "Item",
            7,
            frozenset({"Item"}),
            {"itemId": ("INTEGER",), "title": ("STRING",), "vectorA": ("LIST<FLOAT>",)},
        ),
        Label(
            "Movie",
            7,
            frozenset({"Item"}),
            {
                "title": ("STRING",),
                "year": ("INTEGER",),
                "trainDegree": ("FLOAT",),
                "vectorA": ("LIST<FLOAT>",),
            },
        ),
        Label("User", 5, frozenset({"User"}), {"userId": ("STRING",), "name": ("STRING",)}),
        Label("Run", 1, frozenset(), {"model": ("STRING",), "auditPassed": ("BOOLEAN",)}),
        Label("__Load", 1, frozenset(), {"batch": ("INTEGER",)}),
    ),
    types=(
        RelationshipType("RATED", frozenset({("User", "Movie")}), {"rating": ("FLOAT",)}),
        RelationshipType("REFIT_OF", frozenset({("Run", "Run")}), {}),
    ),
    interaction_type="RATED",
    rating_scale=5.0,
)
INDEXES = [{"type": "RANGE", "labels": ["Item"], "properties": ["itemId"]}]


def made(rules: bool) -> dict[str, Any]:
    shipped = cypher.statements()
    tried = Tried(
        phrases=[one for one in shipped if one.id.startswith(PHRASES)],
        actions=[one for one in shipped if one.id.startswith(ACTIONS)],
        silent=(),
        values={},
    )
    value: dict[str, Any] = json.loads(
        perspective(MOVIES, tried, INDEXES, 1_700_000_000_000, rules)
    )
    return value


@pytest.mark.parametrize("rules", [False, True])
def test_it_fits_the_schema_of_its_format(rules: bool) -> None:
    value = made(rules)
    schema = json.loads((SCHEMAS / f"{value['version']}.schema.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator(schema, format_checker=checker).validate(value)
    ids = [one["id"] for one in (*value["templates"], *value["sceneActions"])]
    assert len(set(ids)) == len(ids)


def test_categories_captions_and_what_is_hidden() -> None:
    value = made(False)
    categories = {one["name"]: one for one in value["categories"]}
    assert list(categories) == ["Director", "Movie", "Person", "User", "Run"]
    assert categories["Movie"]["captionKeys"] == ["title"]
    hidden = {one["name"] for one in categories["Movie"]["properties"] if one["exclude"]}
    assert hidden == {"trainDegree", "vectorA"}
    kinds = {one["name"]: one["dataType"] for one in categories["Movie"]["properties"]}
    assert kinds == {
        "title": "string",
        "trainDegree": "number",
        "vectorA": "array",
        "year": "bigint",
    }
    assert value["hiddenRelationshipTypes"] == ["REFIT_OF"] and value["hideUncategorisedData"]
    assert "__Load" in value["labels"]


def test_phrases_have_typed_parameters_with_suggestions() -> None:
    phrases = {one["text"]: one for one in made(False)["templates"]}
    assert len(phrases) >= 12
    for text, one in phrases.items():
        assert [f"{name}" for name in text.split() if name.startswith("$")] == [
            parameter["name"] for parameter in one["params"]
        ], text
        assert one["name"].endswith(".")
    (user, year) = phrases["recommended to user $user since $year"]["params"]
    assert (user["dataType"], user["suggestionLabel"], user["suggestionProp"]) == (
        "String",
        "User",
        "userId",
    )
    assert (year["dataType"], year["suggestionLabel"]) == ("Integer", None)
    (item,) = phrases["about $item"]["params"]
    assert (item["suggestionLabel"], item["suggestionProp"]) == ("Item", "title")


def test_actions_say_what_they_are_for() -> None:
    actions = {one["name"]: one["cypher"] for one in made(False)["sceneActions"]}
    assert {"Why these", "Evidence", "More like this", "Who else"} <= set(actions)
    for text in actions.values():
        assert ("IN $nodes" in text) != ("IN $relationships" in text)
        assert "elementId(" in text


def test_bloom_sees_no_parameter_where_there_is_none() -> None:
    """It would ask for the value of a dynamic type such as ``$(kind)``."""
    for one in cypher.statements():
        if one.id.startswith("bloom/"):
            assert not any(part in one.text for part in ("$(", "$any", "$all")), one.id


def test_rules_of_style() -> None:
    rules = {
        (one["name"], rule["basedOn"], rule["type"])
        for one in made(True)["categories"]
        for rule in one["styleRules"]
    }
    assert rules == {
        ("Movie", "trainDegree_number", "range"),
        ("Run", "auditPassed_boolean", "single"),
    }
    assert "styleRules" not in json.dumps(made(False))
