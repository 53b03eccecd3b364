"""What the Cypher gate believes of the server's procedures is what the server says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reelgraph import cypher
from reelgraph.graph.connection import Graph

SCHEMA = Path(cypher.__file__).parent / "graph_schema.json"


@pytest.mark.neo4j
def test_signatures_of_procedures(graph: Graph) -> None:
    rows = graph.run_text("SHOW PROCEDURES YIELD signature").rows
    served = {row["signature"] for row in rows}
    assert set(json.loads(SCHEMA.read_text())["procedures"]) - served == set()
