"""Figures of graphs of every kind: empty, loaded, adopted, the user's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adoptable import music, public_example
from click.testing import CliRunner
from small_runs import fill, interactions

from reelgraph.cli import main
from reelgraph.graph.connection import Graph
from reelgraph.graph.statistics import graph_stats
from reelgraph.loader.adopt import adopt
from reelgraph.loader.adopt.propose import propose

pytestmark = pytest.mark.neo4j

Stats = Callable[..., str]


@pytest.fixture
def stats(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stats:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str) -> str:
        command = ["--workspace", str(tmp_path), "graph", "stats", *arguments]
        result = CliRunner().invoke(main, command)
        assert result.exit_code == 0, result.output
        assert max(map(len, result.output.splitlines())) <= 80
        return result.output

    return run


def test_an_empty_database(graph: Graph, stats: Stats) -> None:
    found = json.loads(stats("--json"))
    assert found["dataset"] is None
    assert (found["labels"], found["relationships"], found["interactions"]) == ({}, {}, None)
    assert list(found["migrations"]) == ["pending"]
    assert "No data set was loaded or adopted." in stats()


def test_a_graph_that_was_never_loaded(graph: Graph, stats: Stats) -> None:
    music(graph)
    found = json.loads(stats("--json"))
    assert found["labels"] == {"Artist": 20, "Listener": 12, "Tag": 4}
    assert found["relationships"] == {"LISTENED_TO": 120, "KNOWS": 66, "IS": 20}
    assert found["interactions"] is None
    assert "LISTENED_TO" in stats()


def test_an_adopted_graph(graph: Graph, stats: Stats) -> None:
    music(graph)
    adopt(graph, propose(graph, "music").mapping, progress=False)
    found = json.loads(stats("--json"))
    assert found["adopted"]
    assert found["interactions"]["unrated"] == found["interactions"]["count"] == 120
    assert found["interactions"]["first"].startswith("2001-09-09T")
    assert found["interactions"]["itemsWithKnowledge"] == 1.0
    assert {index["state"] for index in found["indexes"]} == {"ONLINE"}
    assert "music, adopted" in stats()


def test_figures_against_an_independent_count(graph: Graph, stats: Stats) -> None:
    frame = interactions()
    fill(graph, frame)
    graph.run_text("MATCH (g:Genre {entityId: 'genre:0'})-[r]-() DELETE r", write=True)
    graph.run_text("MATCH (:Director {entityId: 'person:0'})-[r]-() DELETE r", write=True)
    found = graph_stats(graph)["interactions"]
    degrees = frame.groupby("user").size().sort_values().tolist()
    users = found["users"]
    assert (users["least"], users["most"], users["nodes"]) == (degrees[0], degrees[-1], 40)
    assert users["median"] == degrees[19]  # the lower one of two in the middle
    assert users["mean"] == pytest.approx(len(frame) / 40)
    assert found["items"]["none"] == 60 - frame["item"].nunique()
    assert found["ratings"] == [{"from": 4.0, "to": 4.0, "interactions": len(frame)}]
    assert (found["timed"], found["first"]) == (0, None)
    assert found["itemsWithKnowledge"] == pytest.approx(50 / 60)  # each sixth lost all of it
    assert f"{len(frame):,} interactions" in stats()


@pytest.mark.bare
def test_many_different_ratings_are_shown_in_ranges(graph: Graph, stats: Stats) -> None:
    public_example(graph)
    graph.run_text("MATCH (m:Movie) SET m:Item", write=True)
    spread = "MATCH (u:User)-[r:RATED]->(m) SET r.rating = toInteger(m.movieId) / 4.0"
    graph.run_text(spread, write=True)
    bars = graph_stats(graph)["interactions"]["ratings"]
    assert len(bars) == 10
    row = graph.run_text("MATCH ()-[r:RATED]->() RETURN count(r) AS n").single()
    assert row is not None
    assert sum(bar["interactions"] for bar in bars) == row["n"]
    assert "0.25 to" in stats()
