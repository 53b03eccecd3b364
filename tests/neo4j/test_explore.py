"""Queries for analysts, ready to paste: each runs as it is printed or written."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from small_runs import fill, interactions, make_run, make_split

from reelgraph.cli import main
from reelgraph.explore.queries import analyst_queries, shown_values
from reelgraph.explore.samples import page
from reelgraph.graph.connection import Graph
from reelgraph.results.writeback import write_run

pytestmark = pytest.mark.neo4j


@pytest.fixture
def command(graph: Graph, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, code: int = 0) -> str:
        given = ["--workspace", str(tmp_path), "explore", "queries", *arguments]
        result = CliRunner().invoke(main, given)
        assert result.exit_code == code, result.output
        return result.stdout if code == 0 else result.output

    return run


def written_back(graph: Graph, folder: Path) -> None:
    frame = interactions()
    fill(graph, frame)
    split = make_split(folder, frame)
    write_run(graph, make_run(split, "lstm-1"), split, progress=False, grace=0.0)


def test_each_query_runs_as_it_is_written(graph: Graph, command: Any, tmp_path: Path) -> None:
    written_back(graph, tmp_path)
    folder = tmp_path / "queries"
    paths = command("--to", str(folder)).split()
    assert len(paths) == len(analyst_queries()) == len(list(folder.iterdir()))
    answered = 0
    for path in folder.iterdir():
        text = path.read_text(encoding="utf-8")
        assert text.startswith("// ") and not re.search(r"\$(?!any\b)\w", text)
        answered += bool(graph.run_text(text.strip().removesuffix(";")).rows)
    assert answered >= len(paths) - 3  # two show predicted ratings, one a second run: there is none
    sample = page(graph, shown_values(graph))
    assert sample.count("\n### `") == len(paths)
    assert sample.count("\n| --- |") >= answered


def test_one_is_printed_for_a_user(graph: Graph, command: Any, tmp_path: Path) -> None:
    written_back(graph, tmp_path)
    user = graph.run_text("MATCH (u:User) RETURN max(u.userId) AS id").single()["id"]  # type: ignore[index]
    text = command("top_titles", "--user", str(user))
    assert f"userId: {user}" in text
    rows = graph.run_text(text.strip().removesuffix(";")).rows
    assert [row["rank"] for row in rows] == list(range(1, len(rows) + 1))
    assert "no recommendations of user 999" in command("picture", "--user", "999", code=2)


def test_as_json(graph: Graph, command: Any, tmp_path: Path) -> None:
    written_back(graph, tmp_path)
    assert {row["query"] for row in json.loads(command("--json"))} > {"picture", "top_titles"}
    (row,) = json.loads(command("top_titles", "--json"))
    assert row["query"] == "top_titles" and graph.run_text(row["text"].strip(";\n")).rows
    (row,) = json.loads(command("top_titles", "--json", "--to", str(tmp_path / "one")))
    assert Path(row["file"]).read_text(encoding="utf-8").startswith("// ")


def test_listed_and_refused(graph: Graph, command: Any) -> None:
    listed = command()
    assert "top_titles" in listed and "picture" in listed
    assert "there is no query 'nonsense'" in command("nonsense", code=2)
    assert "reelgraph run" in command("picture", code=2)  # an empty graph
