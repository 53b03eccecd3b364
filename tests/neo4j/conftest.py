"""Fixtures of tests that write runs into a small graph."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_runs import fill, interactions, make_split

from reelgraph.artifacts import SplitFolder
from reelgraph.graph.connection import Graph


@pytest.fixture
def split(graph: Graph, tmp_path: Path) -> SplitFolder:
    """A graph with a small data set, and its split."""
    frame = interactions()
    fill(graph, frame)
    return make_split(tmp_path, frame)
