"""The fixtures themselves: an empty database with GDS, every time."""

from __future__ import annotations

import pytest

from reelgraph.graph import migrations
from reelgraph.graph.connection import Graph

pytestmark = pytest.mark.neo4j


@pytest.mark.bare
@pytest.mark.parametrize("turn", [1, 2])
def test_database_is_empty(graph: Graph, turn: int) -> None:
    assert graph.run_text("MATCH (n) RETURN n").rows == []
    assert graph.run_text("SHOW CONSTRAINTS").rows == []
    assert graph.run_text("CALL gds.graph.list() YIELD graphName").rows == []
    graph.run_text("CREATE (:Thing {key: 1})-[:TO]->(:Thing {key: 2})", write=True)
    graph.run_text("CREATE CONSTRAINT thing_key FOR (t:Thing) REQUIRE t.key IS UNIQUE", write=True)
    graph.run_text("CREATE INDEX thing_name FOR (t:Thing) ON (t.name)", write=True)
    graph.run_text("CALL gds.graph.project('things', 'Thing', 'TO')")


@pytest.mark.parametrize("turn", [1, 2])
def test_the_schema_of_others_goes(graph: Graph, turn: int) -> None:
    constraints, _ = migrations.own_schema()
    named = {row["name"] for row in graph.run_text("SHOW CONSTRAINTS YIELD name").rows}
    assert named <= constraints
    graph.run_text("CREATE CONSTRAINT thing_key FOR (t:Thing) REQUIRE t.key IS UNIQUE", write=True)
