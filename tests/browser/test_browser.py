"""What an analyst sees: a real run in a real Browser, its setting 'connect result nodes' on."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from conftest import empty
from neo4j_browser import (
    answer,
    browser_page,
    captions,
    chromium,
    click_of_guide,
    colors,
    count_in_guide,
    drawn,
    open_guide,
    run_query,
    screenshot,
)

from reelgraph import cypher
from reelgraph.explore.build import build
from reelgraph.explore.serve import guide_server
from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph
from reelgraph.loader.load import load
from reelgraph.loader.source import CanonicalTables
from reelgraph.pipeline.config import RunConfig
from reelgraph.pipeline.run import run_pipeline

pytestmark = [
    pytest.mark.neo4j,
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no Chromium: apt-get install chromium"),
]

FILES = Path(cypher.__file__).parent
DOCS = Path(__file__).parents[2] / "docs" / "graph.md"

# every relationship among the shown nodes, which is what the Browser draws
_LINES = """
UNWIND $nodes AS a
MATCH (x)-[r]->(y)
WHERE elementId(x) = a AND elementId(y) IN $nodes
RETURN a, elementId(y) AS b, type(r) AS kind, count(*) AS lines
"""


@pytest.fixture(scope="module")
def recommended(
    server, tiny_tables: CanonicalTables, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Graph]:
    """The tiny data set with a run of one epoch written back; the tests only read it."""
    if server.local is None:
        pytest.skip("REELGRAPH_TEST_URI has no Browser of ours")
    with server.graph() as graph:
        empty(graph)
        migrations.apply(graph)
        load(graph, tiny_tables, progress=False)
        config = RunConfig(epochs=1, baselines=("most-popular",))
        settings = server.settings(tmp_path_factory.mktemp("browser"))
        run_pipeline(settings, graph, config, note=lambda text: None)
        yield graph


def test_picture_of_recommendations_and_reasons(recommended: Graph, server, tmp_path: Path) -> None:
    state = server.local.state()
    user = recommended.run_text("MATCH (u:User)-[:RECOMMENDED]->() RETURN min(u.userId) AS id")
    query = cypher.load("analyst/picture").pasteable(userId=user.rows[0]["id"])
    with browser_page(state.http_port, state.bolt_port, server.password) as page:
        run_query(page, query)
        shown = captions(page)
        nodes, lines = drawn(page)
        screenshot(
            page, Path(os.environ.get("REELGRAPH_TEST_SCREENSHOTS", tmp_path)) / "picture.png"
        )
    assert "RECOMMENDED" in shown
    assert nodes > 3
    # numbers say nothing; "…" alone is the name of a line that is too short for it
    assert not [text for text in shown if re.fullmatch(r"\s*-?\.?\d[\d.e…-]*\s*", text)]
    between = _between(recommended, query)
    assert lines == sum(row["lines"] for row in between)
    assert [row for row in between if row["lines"] > 1] == []


def test_the_documented_parameters_serve_every_query(recommended: Graph, server) -> None:
    """What docs/graph.md says is pasted as it stands, and then the files as they stand."""
    state = server.local.state()
    line = re.search(r"^:param \[.+$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert line
    files = [one for one in cypher.statements() if one.id.startswith("analyst/")]
    assert len(files) > 8
    with browser_page(state.http_port, state.bolt_port, server.password) as page:
        run_query(page, line[0])
        assert "userId" in answer(page)
        for statement in files:
            run_query(page, (FILES / f"{statement.id}.cypher").read_text(encoding="utf-8"))
            shown = answer(page)
            assert "ERROR" not in shown, statement.id
            assert "WARNING" not in shown.upper(), statement.id


def test_the_guide_runs_in_the_colours_of_the_style(
    recommended: Graph, server, tmp_path: Path
) -> None:
    """Each query of each slide has rows, and the style is applied by a click."""
    build(recommended, tmp_path)
    style = json.loads((tmp_path / "style.grass").read_text(encoding="utf-8"))
    state = server.local.state()
    pictures = Path(os.environ.get("REELGRAPH_TEST_SCREENSHOTS", tmp_path))
    ran = 0
    with (
        _serving(tmp_path) as address,
        browser_page(state.http_port, state.bolt_port, server.password) as page,
    ):
        slides = open_guide(page, address)
        click_of_guide(page, 1, "[data-exec]")
        assert "node.Movie" in answer(page)
        for slide in range(2, slides + 1):
            for number in range(count_in_guide(page, slide, "pre.runnable")):
                click_of_guide(page, slide, "pre.runnable i", number)
                shown = answer(page)
                assert "ERROR" not in shown and "no records" not in shown, shown
                ran += 1
                if "Overview" in shown:
                    known = {one["color"] for one in style.values()}
                    assert {style["node.Movie"]["color"], style["node.User"]["color"]} <= colors(
                        page
                    )
                    assert colors(page) <= known
            screenshot(page, pictures / f"guide-{slide}.png")
    assert slides == 7 and ran >= 12  # the Browser shows no more than 7 numbers


@contextmanager
def _serving(folder: Path) -> Iterator[str]:
    with guide_server(folder, 0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.guide
        server.shutdown()


def _between(graph: Graph, query: str) -> list[dict]:
    found = graph.run_text(
        f"CALL () {{ {query} }} WITH collect(u) + collect(m) + collect(h) AS ends, "
        "collect(path) AS paths WITH ends + reduce(all = [], p IN paths | all + nodes(p)) AS all "
        "UNWIND all AS node RETURN collect(DISTINCT elementId(node)) AS nodes"
    )
    return graph.run_text(_LINES, nodes=found.rows[0]["nodes"]).rows
