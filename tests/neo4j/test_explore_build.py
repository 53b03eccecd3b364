"""``reelgraph explore build``: what it writes runs on the graph that it was made from."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from conftest import Server
from small_runs import Command, adopted, command_on, shared_graph, written_back

from reelgraph.cypher import store
from reelgraph.errors import CypherError
from reelgraph.explore import bloom_queries
from reelgraph.explore.queries import THEMES, analyst_queries, shown_values
from reelgraph.explore.saved_queries import HEADER
from reelgraph.graph.connection import Graph

pytestmark = pytest.mark.neo4j

Make = Callable[[Graph, Path], None]


@pytest.fixture
def build(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    return command_on(server, tmp_path, monkeypatch, "explore", "build")


@dataclass(frozen=True)
class Built:
    """A graph with the files that were made from it, with rules of style."""

    make: Make
    graph: Graph
    folder: Path
    said: list[dict[str, str]]


@pytest.fixture(scope="module", params=[written_back, adopted], ids=lambda make: make.__name__)
def built(
    request: pytest.FixtureRequest, server: Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Built]:
    """Of each kind of graph one, of which the tests only read."""
    workspace = tmp_path_factory.mktemp("built")
    with shared_graph(server, workspace, request.param) as graph:
        with pytest.MonkeyPatch.context() as patched:
            build = command_on(server, workspace, patched, "explore", "build")
            said = json.loads(build("--style-rules", "--json"))
        yield Built(request.param, graph, workspace / "analyst-files", said)


def test_every_saved_query_runs(built: Built) -> None:
    graph, folder = built.graph, built.folder
    assert all(Path(one["file"]).exists() for one in built.said)
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


def test_the_style_names_what_the_graph_has(built: Built) -> None:
    graph = built.graph
    rules = json.loads((built.folder / "style.grass").read_text(encoding="utf-8"))
    labels = {row["label"] for row in graph.run_text("CALL db.labels()").rows}
    used = {name for name in labels if graph.run_text(f"MATCH (n:`{name}`) RETURN n LIMIT 1").rows}
    assert {f"node.{name}" for name in used} <= set(rules)
    if built.make is adopted:
        assert rules["relationship.HEARD"]["caption"] == "heard"


def test_phrases_and_actions_answer(built: Built) -> None:
    """As they stand in the file, with values of the types that it says."""
    graph = built.graph
    text = (built.folder / "bloom-perspective.json").read_text(encoding="utf-8")
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


def test_cards_of_the_dashboard_answer(built: Built) -> None:
    """With the parameter that the dashboard begins with, each in its place on the grid."""
    text = (built.folder / "dashboard.json").read_text(encoding="utf-8")
    found = json.loads(text)
    given = {**found["settings"]["parameters"], "input": ""}
    assert found["version"] == "2.4"
    assert [page["title"] for page in found["pages"]] == ["Quality", "Coverage", "A user"]
    for page in found["pages"]:
        taken: set[tuple[int, int]] = set()
        for one in page["reports"]:
            rows = built.graph.run_text(one["query"], **given).rows
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


def test_a_phrase_that_takes_too_long_is_named(
    graph: Graph, build: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written_back(graph, tmp_path)
    (tmp_path / "slow.cypher").write_text(
        "// Purpose: a.\n// Params:  none\n// Returns: n\n// Mode:    READ, managed transaction\n"
        "UNWIND range(1, 1000000) AS a\nUNWIND range(1, 1000000) AS b\nRETURN count(*) AS n"
    )
    monkeypatch.setattr(store, "_plugin_folders", {"made-up": tmp_path})
    monkeypatch.setattr(bloom_queries, "PHRASES", "made-up/")
    said = " ".join(build("--time-out", "8", code=1).split())
    assert "made-up/slow: it took too long and was stopped after 8 s" in said
    assert "explore build --time-out SECONDS" in said
    assert not (tmp_path / "analyst-files").exists()


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
