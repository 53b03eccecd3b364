"""Tools for assistants: what is listed, what is refused, how answers are kept short."""

from __future__ import annotations

import json
import sys
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from reelgraph import cypher
from reelgraph.cli import main
from reelgraph.errors import CypherError, InputError
from reelgraph.explore.queries import analyst_queries, name
from reelgraph.graph.connection import Graph
from reelgraph.graph.reader import Reader
from reelgraph.mcp_server.answers import BYTES_PER_TOKEN, as_text, compact
from reelgraph.mcp_server.arguments import checked
from reelgraph.mcp_server.calls import offered
from reelgraph.mcp_server.limits import Limits
from reelgraph.mcp_server.tools import notes, query_tools

TOKENS = 2_000


def never() -> Graph:
    raise AssertionError("listing tools needs no database")


TOOLS = {one.name: one for one in query_tools()}
ALL = offered(Reader(never, 1), Limits(), allow_cypher=True)


def test_each_query_for_analysts_is_a_tool() -> None:
    """But for pictures, what only commands need, and queries that other tools are made of."""
    left_out = {name(one) for one in analyst_queries()} - set(TOOLS)
    inner = {name(one) for one in analyst_queries() if one.theme == "Details"}
    assert left_out == {*inner, "explanation", "why_not", "picture", "surroundings"}
    assert {"explain", "why_not"} <= set(ALL)
    assert len(TOOLS) > 20


def test_definitions_are_short_and_valid() -> None:
    for one in ALL.values():
        jsonschema.Draft202012Validator.check_schema(dict(one.tool.schema))
        definition = {"description": one.tool.description, "schema": one.tool.schema}
        assert len(compact(definition)) < TOKENS * BYTES_PER_TOKEN / 4, one.tool.name
    assert all("LEAKS where the run" not in one.tool.description for one in ALL.values())
    assert any("LEAKS where the run" in note for note in notes())


def test_a_schema_has_what_the_header_says() -> None:
    schema = TOOLS["what_if"].schema
    assert schema["required"] == ["userId"]
    assert schema["properties"]["names"] == {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
    }
    assert schema["properties"]["decade"] == {"type": "integer"}
    assert schema["properties"]["n"]["default"] == 10
    assert {"type": "integer"} in schema["properties"]["userId"]["anyOf"]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"userId": 1, "m": 2}, "unknown argument 'm'"),
        ({"n": 2}, "'userId' is missing"),
        ({"userId": 1, "n": "ten"}, "'n' is no integer: 'ten'"),
        ({"userId": 1, "n": 0}, "'n' is at least 1"),
        ({"userId": 1, "names": "Comedy"}, "'names' is no list of string"),
    ],
)
def test_wrong_arguments_are_named(values: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError, match=said):
        checked(cypher.load("analyst/what_if"), values)


def test_whole_numbers_may_be_floats_and_null_is_the_default() -> None:
    query = cypher.load("analyst/what_if")
    assert checked(query, {"userId": 1.0, "n": 3.0, "decade": None}) == {"userId": 1, "n": 3}


def test_a_statement_that_writes_is_refused_before_the_server_is_asked() -> None:
    reader = Reader(never, 1)
    with pytest.raises(CypherError, match="only reading"):
        reader.run("writeback/set_status", runId="a", status="ready")
    with pytest.raises(CypherError, match="only reading"):
        reader.transact(lambda _: None)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3000),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=20,
)


@given(st.lists(st.dictionaries(st.sampled_from("abc"), VALUES), max_size=30), st.booleans())
def test_answers_are_json_within_their_tokens(rows: list[dict[str, Any]], more: bool) -> None:
    text = as_text(rows, 300, more=more)
    found = json.loads(text)
    assert len(text.encode()) <= 300 * BYTES_PER_TOKEN
    assert len(found["rows"]) == len(rows) or "note" in found


def test_what_is_left_out_is_said() -> None:
    rows = [{"itemId": n, "title": f"Movie {n}", "year": None} for n in range(200)]
    found = json.loads(as_text(rows, 500))
    assert found["rows"][1] == {"itemId": 1, "title": "Movie 1"}
    shown = len(found["rows"])
    assert 10 < shown < 200 and f"{shown} of 200 rows are shown" in found["note"]
    assert "2 of more than 2 rows" in json.loads(as_text(rows[:2], 500, more=True))["note"]
    assert json.loads(as_text([], 500))["note"] == "no rows"
    long = json.loads(as_text([{"text": "a" * 9000, "vector": [0.5] * 64}], 500))
    assert long["rows"][0]["vector"] == "[64 numbers]" and "cut" in long["note"]


def test_without_the_sdk_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "reelgraph.mcp_server.serve", raising=False)
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    result = CliRunner().invoke(main, ["mcp"])
    assert result.exit_code == 2 and result.stdout == ""
    assert "pip install 'reelgraph[mcp]'" in result.stderr
