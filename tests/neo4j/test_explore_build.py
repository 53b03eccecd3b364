"""``reelgraph explore build``: what it writes runs on the graph that it was made from."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from adoptable import songs
from click.testing import CliRunner
from folder_manifests import dataset_manifest
from small_runs import fill, interactions, item_ids, make_run, make_split

from reelgraph.artifacts import write_manifest
from reelgraph.cli import main
from reelgraph.cypher import store
from reelgraph.errors import CypherError
from reelgraph.explore import bloom_queries
from reelgraph.explore.queries import THEMES, analyst_queries, shown_values
from reelgraph.explore.saved_queries import HEADER
from reelgraph.graph.connection import Graph
from reelgraph.loader.adopt import adopt
from reelgraph.loader.adopt.propose import propose
from reelgraph.results.writeback import write_run

pytestmark = pytest.mark.neo4j

Command = Callable[..., str]


def written_back(graph: Graph, folder: Path) -> None:
    frame = interactions()
    fill(graph, frame)
    split = make_split(folder, frame)
    write_run(graph, make_run(split, "lstm-1"), split, progress=False, grace=0.0)


def adopted(graph: Graph, folder: Path) -> None:
    """Other labels and types, without ratings."""
    frame = interactions()
    songs(graph, frame[["user", "item", "seq"]].to_dict("records"), item_ids())
    adopt(graph, propose(graph, "mine").mapping, progress=False)
    split = make_split(folder, frame)
    write_manifest(split.dataset.path, dataset_manifest(id_space="adopted:mine"))
    write_run(graph, make_run(split, "lstm-1"), split, progress=False, grace=0.0)


@pytest.fixture
def build(server: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)

    def run(*arguments: str, code: int = 0) -> str:
        given = ["--workspace", str(tmp_path), "explore", "build", *arguments]
        result = CliRunner().invoke(main, given)
        assert result.exit_code == code, result.output
        return result.stdout if code == 0 else result.output

    return run


@pytest.mark.parametrize("make", [written_back, adopted], ids=lambda make: make.__name__)
def test_every_saved_query_runs(
    make: Callable[[Graph, Path], None], graph: Graph, build: Command, tmp_path: Path
) -> None:
    make(graph, tmp_path)
    said = json.loads(build("--json"))
    assert all(Path(one["file"]).exists() for one in said)
    folder = tmp_path / "analyst-files"
    with (folder / "saved-queries.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    assert tuple(reader.fieldnames or ()) == HEADER
    folders = {row["id"]: row for row in rows if row["isFolder"] == "true"}
    queries = [row for row in rows if row["isFolder"] == "false"]
    assert [row["id"] for row in rows] == [str(n) for n in range(len(rows))]
    assert [row["name"] for row in rows if row["parentId"] == "0"] == list(THEMES)
    assert len(queries) == len(analyst_queries())
    for row in queries:
        assert folders[row["parentId"]]["parentId"] == "0" and not folders[row["parentId"]]["query"]
        graph.run_text(row["query"].removesuffix(";"))
    with zipfile.ZipFile(folder / "favourites.zip") as archive:
        packed = {name: archive.read(name) for name in archive.namelist()}
    favourites = folder / "favourites"
    single = {p.relative_to(favourites).as_posix(): p for p in favourites.rglob("*.cypher")}
    assert packed == {name: path.read_bytes() for name, path in single.items()}
    assert len(packed) == len(queries)
    first = [text.decode().partition("\n")[0] for text in packed.values()]
    assert all(line.startswith("// ") and line.endswith(".") for line in first)


def test_the_style_names_what_the_graph_has(graph: Graph, build: Command, tmp_path: Path) -> None:
    adopted(graph, tmp_path)
    build()
    rules = json.loads((tmp_path / "analyst-files" / "style.grass").read_text(encoding="utf-8"))
    labels = {row["label"] for row in graph.run_text("CALL db.labels()").rows}
    used = {name for name in labels if graph.run_text(f"MATCH (n:`{name}`) RETURN n LIMIT 1").rows}
    assert {f"node.{name}" for name in used} <= set(rules)
    assert rules["relationship.HEARD"]["caption"] == "heard"


@pytest.mark.parametrize("make", [written_back, adopted], ids=lambda make: make.__name__)
def test_phrases_and_actions_answer(
    make: Callable[[Graph, Path], None], graph: Graph, build: Command, tmp_path: Path
) -> None:
    """As they stand in the file, with values of the types that it says."""
    make(graph, tmp_path)
    build("--style-rules")
    text = (tmp_path / "analyst-files" / "bloom-perspective.json").read_text(encoding="utf-8")
    found = json.loads(text)
    assert found["version"] == "2.7.0"
    assert len(found["templates"]) >= 12 and len(found["sceneActions"]) >= 4
    user = graph.run("explore/shown_values").rows[0]["userId"]
    values = {"user": user, **graph.run("bloom/values", user=user).rows[0]}
    kinds = {"String": str, "Integer": int}
    for one in found["templates"]:
        given = {parameter["name"][1:]: parameter["dataType"] for parameter in one["params"]}
        assert all(isinstance(values[name], kinds[kind]) for name, kind in given.items())
        rows = graph.run_text(one["cypher"], **{name: values[name] for name in given}).rows
        assert rows, one["text"]
    for one in found["sceneActions"]:
        name = "relationships" if "$relationships" in one["cypher"] else "nodes"
        assert graph.run_text(one["cypher"], **{name: values[name]}).rows, one["name"]


@pytest.mark.parametrize("make", [written_back, adopted], ids=lambda make: make.__name__)
def test_cards_of_the_dashboard_answer(
    make: Callable[[Graph, Path], None], graph: Graph, build: Command, tmp_path: Path
) -> None:
    """With the parameter that the dashboard begins with, each in its place on the grid."""
    make(graph, tmp_path)
    build()
    text = (tmp_path / "analyst-files" / "dashboard.json").read_text(encoding="utf-8")
    found = json.loads(text)
    given = {**found["settings"]["parameters"], "input": ""}
    assert found["version"] == "2.4"
    assert [page["title"] for page in found["pages"]] == ["Quality", "Coverage", "A user"]
    for page in found["pages"]:
        taken: set[tuple[int, int]] = set()
        for one in page["reports"]:
            rows = graph.run_text(one["query"], **given).rows
            assert rows, one["title"]
            columns = {one["selection"].get(name) for name in ("index", "value")} - {None}
            assert columns <= set(rows[0])
            place = {
                (one["x"] + x, one["y"] + y)
                for x in range(one["width"])
                for y in range(one["height"])
            }
            assert not place & taken and one["x"] + one["width"] <= 24
            taken |= place
    cards = {one["title"]: one for page in found["pages"] for one in page["reports"]}
    assert len(cards) >= 12
    assert cards["Reasons"]["type"] == "graph" and cards["Reasons"]["selection"]["Item"] == "title"


def test_a_phrase_that_cannot_run_is_refused(
    graph: Graph, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one without rows is named."""
    written_back(graph, tmp_path)
    head = (
        "// Purpose: a.\n// Params:  none\n// Returns: n\n// Mode:    READ, managed transaction\n"
    )
    (tmp_path / "silent.cypher").write_text(f"{head}MATCH (n:Nothing) RETURN n")
    monkeypatch.setattr(store, "_plugin_folders", {"made-up": tmp_path})
    monkeypatch.setattr(bloom_queries, "PHRASES", "made-up/")
    values = shown_values(graph)
    assert bloom_queries.try_all(graph, values).silent == ["made-up/silent"]
    (tmp_path / "broken.cypher").write_text(f"{head}MATCH (n) RETURN n.x.y.z() AS n")
    with pytest.raises(CypherError, match="made-up/broken"):
        bloom_queries.try_all(graph, values)


def test_again_for_another_user(graph: Graph, build: Command, tmp_path: Path) -> None:
    written_back(graph, tmp_path)
    build("--to", str(tmp_path / "files"))
    mine = tmp_path / "files" / "mine.txt"
    mine.write_text("mine")
    build("--to", str(tmp_path / "files"), "--user", "7")
    text = (tmp_path / "files" / "favourites" / "Recommendations" / "top_titles.cypher").read_text()
    assert "userId: 7" in text and mine.read_text() == "mine"


def test_what_cannot_be_built_is_refused(
    graph: Graph, build: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no recommendations" in build(code=2)
    assert not (tmp_path / "analyst-files").exists()
    written_back(graph, tmp_path)
    (tmp_path / "file").write_text("")
    assert "--to" in build("--to", str(tmp_path / "file"), code=2)
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:1")
    assert "127.0.0.1:1" in build(code=3)


def test_every_query_has_a_theme() -> None:
    assert {one.theme for one in analyst_queries()} == set(THEMES)
