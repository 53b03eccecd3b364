"""``--bulk``: the same graph as by the driver, on a real local server of its own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import always_stopped, local_server
from graph_dump import dump

from reelgraph.errors import InputError, ServerError
from reelgraph.export.dataset import export_dataset
from reelgraph.graph.connection import Graph
from reelgraph.graph.local import LocalServer
from reelgraph.graph.local.imports import BESIDE, import_graph
from reelgraph.graph.statistics import progress
from reelgraph.graph.unfinished import unfinished
from reelgraph.loader import bulk
from reelgraph.loader.bulk import load_bulk, write_files
from reelgraph.loader.load import empty, load
from reelgraph.loader.source import CanonicalTables, EdgeType, GraphSchema, InteractionTable

pytestmark = pytest.mark.neo4j

HOSTILE = ('"; DROP', "a;b,c\n'd'\\", " spaces\t", "")


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    server = local_server(tmp_path_factory.mktemp("bulk"), heap="512m")
    with always_stopped(server):
        yield server


def tables(ids: str = "text") -> CanonicalTables:
    """Missing values, lists, hostile texts, edges with properties; ids of either kind."""
    songs = list(HOSTILE[:3]) if ids == "text" else [20, 3, 100]
    people = ["x\ny", "b"] if ids == "text" else [2, 1]
    nodes = pd.DataFrame({"itemId": songs, "title": HOSTILE[1:], "plays": [1.5, None, 2.0]})
    nodes["year"] = pd.array([1999, None, 2001], dtype="Int64")
    nodes["live"] = [True, False, True]
    nodes["moods"] = [["low; slow", 'a "b"'], None, ["x"]]
    entities = pd.DataFrame({"entityId": ["tag:a,b", "tag:;"], "name": ["a,b", None]})
    entities["labels"] = [["Tag", "Odd Label;"], ["Tag"]]
    tagged = pd.DataFrame({"start": songs[:2], "end": ["tag:;", "tag:a,b"]})
    tagged["weight"] = [0.25, None]
    likes = pd.DataFrame({"userId": [people[0], people[1], people[0]], "itemId": songs})
    likes["rating"] = [1.0, None, 0.1 + 0.2]
    likes["timestamp"] = pd.array([5, 4, None], dtype="Int64")
    edge = EdgeType("TAGGED", "Song", "Tag")
    schema = GraphSchema("Song", ("Tag",), (edge,), interaction_type="LIKED")
    return CanonicalTables(
        "made-up", "songs", schema, None, nodes, entities, {"TAGGED": tagged},
        InteractionTable.of("likes", likes),
    )  # fmt: skip


@pytest.mark.parametrize("ids", ["text", "numbers"])
def test_it_makes_the_graph_that_the_driver_makes(
    local: LocalServer, ids: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = tmp_path / "a, b=c:d (e)"  # the admin tool splits at commas, and reads labels before =
    odd.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(odd))
    local.up()
    store = local.home.data / "databases"
    (store / BESIDE).mkdir(parents=True)  # an earlier import was killed
    (store / BESIDE / "neostore").write_text("half of one")
    report = load_bulk(local, tables(ids), into_new=True)
    assert {path.name for path in store.iterdir() if path.is_dir()} == {"neo4j", "system"}
    assert (report.ratings, report.relationships) == (3, 5)
    assert set(report.seconds) == {"read", "files", "stop", "import", "start", "schema"}
    with local.graph() as graph:
        assert unfinished(graph) == []
        imported = _content(graph)
        again = load(graph, tables(ids), progress=False)
        assert str(again.counters) == "nothing changed"
        assert _content(graph) == imported
        empty(graph)
        load(graph, tables(ids), progress=False)
        assert _content(graph) == imported


def test_a_graph_that_is_there_stays(local: LocalServer, tmp_path: Path) -> None:
    local.up()
    with local.graph() as graph:
        graph.run_text("CREATE (:Thing {name: 'precious'})", write=True)
        before = dump(graph)
    with pytest.raises(InputError, match="only makes a first load"):
        load_bulk(local, tables())
    files, _ = write_files(tables(), tmp_path)
    data = tmp_path / "interactions.csv"
    data.write_text(data.read_text() + "999,1,1,1,1\n")
    with pytest.raises(ServerError, match="import the files"):
        import_graph(local, files.arguments(BESIDE, overwrite=True), tmp_path)
    with local.graph() as graph:
        assert dump(graph) == before
        graph.run_text("MATCH (n:Thing) DELETE n", write=True)


def test_an_import_without_its_constraints_is_not_whole(
    local: LocalServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a kill behind the import leaves it, or the admin tool on a server of one's own."""
    local.up()

    @contextmanager
    def killed(_: Graph) -> Iterator[str]:
        raise KeyboardInterrupt
        yield ""

    monkeypatch.setattr(bulk, "load_lock", killed)
    with pytest.raises(KeyboardInterrupt):
        load_bulk(local, tables(), into_new=True)
    with local.graph() as graph:
        assert graph.run_text("SHOW CONSTRAINTS").rows == []
        with pytest.raises(InputError, match="songs is half loaded") as caught:
            export_dataset(graph, tmp_path)
        assert "Go on with it: reelgraph load made-up" in caught.value.hint
        assert progress(graph, unfinished(graph)[0])["done"]["interactions"]["there"] == 3
        assert str(load(graph, tables(), progress=False).counters) == "nothing changed"
        assert unfinished(graph) == [] and graph.run_text("SHOW CONSTRAINTS").rows


def test_what_does_not_fit_into_files_is_refused(tmp_path: Path) -> None:
    odd = tables()
    odd.entities["na:me"] = "x"
    with pytest.raises(InputError, match="na:me"):
        write_files(odd, tmp_path)
    mixed = tables()
    assert mixed.items is not None
    mixed.items["moods"] = [[], None, ["x"]]
    with pytest.raises(InputError, match="empty lists"):
        write_files(mixed, tmp_path)


def _content(graph: Graph) -> list[str]:
    """All but the ledgers, whose batches are others."""
    rows: list[dict[str, Any]] = [json.loads(row) for row in dump(graph)]
    kept = [row for row in rows if "__Load" not in row.get("labels", ())]
    return sorted(json.dumps(row, sort_keys=True) for row in kept)
