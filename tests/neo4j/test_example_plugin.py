"""The example plugin, installed as a user would and run end to end on a real server."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx
import numpy as np
import pytest

from reelgraph.artifacts import DatasetFolder, SplitFolder, read_parquet
from reelgraph.graph.connection import Graph
from reelgraph.plugins.registry import HOOKS

pytestmark = pytest.mark.neo4j

EXAMPLE = Path(__file__).parents[2] / "plugins" / "example"
USERS, ITEMS, HISTORY = 40, 24, 12

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the plugin installed in it, from a copy of its sources."""
    folder = tmp_path_factory.mktemp("example")
    shutil.copytree(EXAMPLE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    options = ["--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    target = ["--target", str(folder / "site"), str(folder / "source")]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, *target], check=True)
    return folder / "site"


@pytest.fixture
def reelgraph(site: Path, server: Any, graph: Graph, tmp_path: Path) -> Run:
    """Runs the command line in a workspace of its own, on the empty test database."""
    environment = {**os.environ, **server.environment, "PYTHONPATH": str(site)}

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "reelgraph", "--workspace", str(tmp_path), *arguments]
        return subprocess.run(
            command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
        )

    return run


@pytest.fixture
def ratings(tmp_path: Path) -> Path:
    """A CSV file in which each user rates a run of neighbouring items, one a day."""
    lines = ["user,item,title,rating,timestamp"]
    for user in range(1, USERS + 1):
        for day in range(HISTORY):
            item = (user * 5 + day) % ITEMS + 1
            lines.append(f'{user},{item},"Item {item}, the {item}th",{day % 5 + 1},{day * 86400}')
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def _json(done: subprocess.CompletedProcess[str]) -> Any:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_from_a_csv_file_to_recommendations(reelgraph: Run, graph: Graph, ratings: Path) -> None:
    listed = {plugin["name"]: plugin for plugin in _json(reelgraph("plugins", "--json"))}
    assert listed["example"]["version"] == "0.1.0"
    assert listed["example"]["origin"] == "package reelgraph-example"
    assert listed["example"]["error"] is None
    assert listed["example"]["hooks"] == sorted(HOOKS)

    loaded = reelgraph("load", "csv", str(ratings))
    assert loaded.returncode == 0, loaded.stderr
    most = _json(reelgraph("most-rated", "-n", "3", "--json"))
    assert [row["ratings"] for row in most] == sorted((r["ratings"] for r in most), reverse=True)
    assert most[0]["title"] == f"Item {most[0]['itemId']}, the {most[0]['itemId']}th"

    done = reelgraph("run", "--model", "trending", "--set", "window=4", "--json")
    manifest = _json(done)
    assert manifest["model"] == "trending"
    rows = graph.run_text(
        "MATCH (t:Task {name: 'ranking'}) MATCH (run:Run {runId: t.activeRunId}) "
        "MATCH (u:User)-[r:RECOMMENDED {runId: run.runId}]->(i:Product) "
        "RETURN run.model AS model, count(DISTINCT u) AS users, count(r) AS recommended"
    ).rows
    assert [(row["model"], row["users"]) for row in rows] == [("trending", USERS)]
    assert rows[0]["recommended"] > USERS

    options = ("--model", "trending", "--protocol", "first-events", "--set", "known=4")
    manifest = _json(reelgraph("run", *options, "--json"))
    assert manifest["split"] == "first-events-known4"
    assert manifest["audit"]["passed"]
    later = [check for check in manifest["audit"]["checks"] if check["check"] == 5]
    assert [check["result"] for check in later] == ["pass"]


def test_its_graph_job_by_its_own_statement(
    reelgraph: Run, graph: Graph, ratings: Path, tmp_path: Path
) -> None:
    with ratings.open("a") as file:  # users who rate what few others do: smaller cores
        for user in range(41, 46):
            for day in range(5):
                item = 25 + day + (user == 45)
                file.write(f'{user},{item},"Item {item}, the {item}th",3,{day * 86400}\n')
    _json(reelgraph("load", "csv", str(ratings), "--json"))
    assert reelgraph("export").returncode == 0
    split = DatasetFolder(next((tmp_path / "datasets").iterdir())).split("user-time")

    done = _json(reelgraph("gds", "run", "cores", "--write", "--json"))
    assert [row["output"] for row in done] == ["cores"]
    record, output = split.manifest().jobs["cores"], split.output("embeddings", "cores")
    found = read_parquet(output).set_index("itemId")["vector"]
    wanted = _core_numbers(split)
    assert len(set(wanted.values())) > 2, "a graph in which all cores are alike tells nothing"
    assert record.facts["largestCore"] == max(wanted.values())
    for item, vector in found.items():
        assert vector == pytest.approx([np.log1p(wanted.get(f"item {item}", 0))])
    rows = graph.run_text("MATCH (p:Product) RETURN p.itemId AS id, p.embeddingCores AS vector")
    assert {row["id"]: row["vector"] for row in rows.rows if row["vector"]} == {
        item: vector.tolist() for item, vector in found.items() if vector.any()
    }

    content, written = output.read_bytes(), output.stat().st_mtime_ns
    assert reelgraph("gds", "run", "cores").returncode == 0
    assert output.stat().st_mtime_ns == written, "it was run again though it is done"
    assert reelgraph("gds", "run", "cores", "--again").returncode == 0
    assert output.stat().st_mtime_ns > written
    assert output.read_bytes() == content


def _core_numbers(split: SplitFolder) -> dict[str, int]:
    """Of the users and items of the split's train rows, by networkx."""
    rows = read_parquet(split.split)
    train = rows[rows["fold"] == "train"]
    pairs = [(f"user {user}", f"item {item}") for user, item in train[["user", "item"]].to_numpy()]
    cores: dict[str, int] = networkx.core_number(networkx.Graph(pairs))
    return cores


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rating,timestamp", "stars,timestamp", "line 1: no column rating"),
        ('th",2,', 'th",many,', "line 3, column rating: 'many' is not a number"),
        ("\n2,", "\n1,", "user 1 has rated item"),
    ],
)
def test_a_wrong_file_is_refused_and_nothing_is_written(
    reelgraph: Run, graph: Graph, ratings: Path, old: str, new: str, message: str
) -> None:
    ratings.write_text(ratings.read_text().replace(old, new))
    refused = reelgraph("load", "csv", str(ratings))
    assert refused.returncode == 2
    assert message in refused.stderr
    assert "Traceback" not in refused.stderr
    assert graph.run_text("MATCH (n) RETURN count(n) AS nodes").rows == [{"nodes": 0}]
