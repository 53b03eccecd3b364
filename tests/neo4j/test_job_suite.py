"""The suite for authors of graph jobs, on a built-in job and on that of the example plugin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reelgraph.cypher import store
from reelgraph.gds_jobs.jobs.fastrp import FastRp, FastRpConfig
from reelgraph.graph.connection import Graph
from reelgraph.plugins.manager import PluginManager
from reelgraph.testing import GraphJobSuite
from reelgraph_example.graph_job import Cores

pytestmark = pytest.mark.neo4j

EXAMPLE = Path(__file__).parents[2] / "plugins" / "example"


class OnTheServer(GraphJobSuite):
    @pytest.fixture
    def server_graph(self, graph: Graph) -> Graph:
        return graph


class TestFastRp(OnTheServer):
    def make(self) -> FastRp:
        return FastRp(FastRpConfig(embedding_size=8))


class TestCores(OnTheServer):
    @pytest.fixture(autouse=True)
    def _statements(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setattr(store, "_plugin_folders", {})
        assert "example" in PluginManager(EXAMPLE, False, installed=False).cypher_folders()
        yield

    def make(self) -> Cores:
        return Cores()
