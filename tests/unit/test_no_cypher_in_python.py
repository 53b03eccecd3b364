"""Cypher lives in files: no Python module of the package holds any."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import reelgraph

ROOT = Path(reelgraph.__file__).parent
OUTSIDE = {"tests", "bench", ".venv", "build", "dist", ".lint", "neo4j_data", "node_modules"}
CYPHER = re.compile(
    r"\b(MATCH|MERGE|CREATE|OPTIONAL MATCH)\s*\(|\bUNWIND\s+\$|\bCALL\s+(gds|db|dbms|apoc)\."
    r"|\bDETACH\s+DELETE\b|\bRETURN\s+\w+\.\w+|\bSHOW\s+(PROCEDURES|INDEXES|CONSTRAINTS)\b"
)


def _modules() -> list[Path]:
    found = ROOT.rglob("*.py")
    return sorted(path for path in found if not OUTSIDE & set(path.relative_to(ROOT).parts))


def cypher_in(text: str) -> list[str]:
    """String literals of a module that hold Cypher, docstrings included."""
    nodes = ast.walk(ast.parse(text))
    literals = [node.value for node in nodes if isinstance(node, ast.Constant)]
    return [text for text in literals if isinstance(text, str) and CYPHER.search(text)]


@pytest.mark.parametrize("path", _modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_holds_no_cypher(path: Path) -> None:
    assert cypher_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "statement", ["MATCH (n) RETURN n", "UNWIND $rows AS row", "CALL gds.graph.list() YIELD *"]
)
def test_planted_cypher_is_found(statement: str) -> None:
    assert cypher_in(f"query = {statement!r}") == [statement]
