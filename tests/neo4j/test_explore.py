"""Queries for analysts, ready to paste: each runs as it is printed or written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Server
from small_runs import Command, command_on, shared_graph, written_back

from reelgraph.explore.queries import analyst_queries, shown_values
from reelgraph.explore.samples import page
from reelgraph.graph.connection import Graph

pytestmark = pytest.mark.neo4j


@pytest.fixture(scope="module")
def filled(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Graph]:
    """A graph with a run, of which the tests only read."""
    with shared_graph(server, tmp_path_factory.mktemp("run"), written_back) as graph:
        yield graph


@pytest.fixture
def command(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    return command_on(server, tmp_path, monkeypatch, "explore", "queries")


def test_each_query_runs_as_it_is_written(filled: Graph, command: Command, tmp_path: Path) -> None:
    folder = tmp_path / "queries"
    paths = command("--to", str(folder)).split()
    assert len(paths) == len(analyst_queries()) == len(list(folder.iterdir()))
    answered = 0
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert text.startswith("// ") and not re.search(r"\$(?!any\b)\w", text)
        answered += bool(filled.run_text(text.strip().removesuffix(";")).rows)
    assert answered >= len(paths) - 3  # two show predicted ratings, one a second run: there is none
    values = shown_values(filled)
    sample = page(filled, values)
    related = "MATCH (:User {userId: $user})--(m:Item) RETURN DISTINCT m.itemId AS id"
    known = [row["id"] for row in filled.run_text(related, user=values["userId"]).rows]
    assert values["item"] in known and values["unlisted"] not in [*known, None]
    assert f"`item` = {values['unlisted']}" in sample.partition("### `why_not`")[2]
    assert f"`item` = {values['item']}" in sample.partition("### `explanation`")[2]
    assert sample.count("\n### `") == len(paths)
    assert sample.count("\n| --- |") >= answered


def test_one_is_printed_for_a_user(filled: Graph, command: Command) -> None:
    user = filled.run_text("MATCH (u:User) RETURN max(u.userId) AS id").single()["id"]  # type: ignore[index]
    text = command("top_titles", "--user", str(user))
    assert f"userId: {user}" in text
    rows = filled.run_text(text.strip().removesuffix(";")).rows
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert "no recommendations of user 999" in command("picture", "--user", "999", code=2)


def test_as_json(filled: Graph, command: Command, tmp_path: Path) -> None:
    assert {row["query"] for row in json.loads(command("--json"))} > {"picture", "top_titles"}
    (row,) = json.loads(command("top_titles", "--json"))
    assert row["query"] == "top_titles" and filled.run_text(row["text"].strip(";\n")).rows
    (row,) = json.loads(command("top_titles", "--json", "--to", str(tmp_path / "one")))
    assert Path(row["file"]).read_text(encoding="utf-8").startswith("// ")


def test_listed_and_refused(graph: Graph, command: Command) -> None:
    listed = command()
    assert "top_titles" in listed and "picture" in listed
    assert "there is no query 'nonsense'" in command("nonsense", code=2)
    assert "reelgraph run" in command("picture", code=2)  # an empty graph
