"""``bench/latency.py`` on a small graph: it asks real users and says what it found."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from small_runs import make_run

from reelgraph.artifacts import SplitFolder
from reelgraph.cypher import store
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph
from reelgraph.results.writeback import write_run

pytestmark = pytest.mark.neo4j


def test_a_table_of_latencies(
    graph: Graph, split: SplitFolder, server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "bench"))
    monkeypatch.setattr(store, "_plugin_folders", {})  # the script adds one
    bench = importlib.import_module("latency")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    migrations.apply(graph)
    target = tmp_path / "latency.json"
    given = ["--users", "3", "--warm", "1", "--json", str(target)]
    none = CliRunner().invoke(bench.main, ["--workspace", str(tmp_path), *given])
    assert "no user with recommendations" in str(none.exception)
    write_run(graph, make_run(split, "lstm-1"), split, progress=False, grace=0.0)
    CliRunner().invoke(bench.main, ["--workspace", str(tmp_path), *given], catch_exceptions=False)
    found = json.loads(target.read_text(encoding="utf-8"))
    by_name = {row["query"]: row for row in found["milliseconds"]}
    assert by_name[bench.FLOOR]["ratio"] == 1.0 and len(by_name) == len(bench.QUERIES)
    assert all(0 < row["p50"] <= row["p99"] for row in by_name.values())
