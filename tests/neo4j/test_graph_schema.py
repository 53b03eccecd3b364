"""What the Cypher gate believes of procedures and of each statement is what the server says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import neo4j
import pytest
from conftest import LANE, Server

from reelgraph import cypher
from reelgraph.graph.connection import Graph
from reelgraph.graph.local.lanes import LONG_TERM

SCHEMA = Path(cypher.__file__).parent / "graph_schema.json"
LANGUAGES = ["CYPHER 5"] if LANE is LONG_TERM else ["CYPHER 5", "CYPHER 25"]
VALUES = {"LIST": [], "MAP": {}, "STRING": "a", "FLOAT": 1.0, "BOOLEAN": True, "INTEGER": 1}


@pytest.mark.neo4j
def test_signatures_of_procedures(graph: Graph) -> None:
    rows = graph.run_text("SHOW PROCEDURES YIELD signature").rows
    served = {row["signature"] for row in rows}
    assert set(json.loads(SCHEMA.read_text())["procedures"]) - served == set()


@pytest.mark.neo4j
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_statement_is_planned_without_a_warning(
    server: Server, graph: Graph, language: str
) -> None:
    login = (server.username, server.password)
    said = {}
    options: dict[str, Any] = {
        "notifications_min_severity": "WARNING",
        "notifications_disabled_classifications": ["UNRECOGNIZED"],  # the database is empty
    }
    with (
        neo4j.GraphDatabase.driver(server.uri, auth=login, **options) as driver,
        driver.session(database=server.database) as session,
    ):
        for statement in cypher.statements():
            text = f"{language} EXPLAIN {statement.text}"
            found = session.run(text, values(statement)).consume().gql_status_objects
            lines = [one.status_description for one in found if one.is_notification]
            if lines:
                said[statement.id] = lines
    assert len(list(cypher.statements())) > 200
    assert not said


def values(statement: cypher.Statement) -> dict[str, Any]:
    """A value of the first type of each parameter."""
    kinds = {one.name: one.types[0].partition("<")[0] for one in statement.parameters}
    return {name: VALUES.get(kind, 1) for name, kind in kinds.items()}
