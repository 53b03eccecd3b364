"""The Cypher gate finds a wrong label, type, direction or property in any folder."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

GATE = Path(__file__).parents[1] / "lint" / "cypher_gate.py"

HEADER = """// Purpose: a test.
// Params:  id (INTEGER)
// Returns: nothing
// Mode:    WRITE, managed transaction
"""
RIGHT = """MATCH (u:User {userId: $id})-[r:RATED]->(m:Movie)
WHERE r.rating > 3
SET r.seq = 1
MERGE (u)-[:RECOMMENDED {runId: 'x'}]->(m)
"""
WRONG = {
    "label": ("(m:Movie)", "(m:Movei)", "Movei is not in the graph schema"),
    "type": ("[r:RATED]", "[r:RATEDD]", "RATEDD is not in the graph schema"),
    "direction": ("-[r:RATED]->", "<-[r:RATED]-", "has no outgoing"),
    "written direction": ("(u)-[:RECOMMENDED", "(m)-[:RECOMMENDED", "has no incoming"),
    "read property": ("r.rating", "r.ratign", "ratign is not in the graph schema"),
    "property in a pattern": ("{userId:", "{userID:", "userID is not in the graph schema"),
    "written property": ("r.seq", "r.seqq", "seqq is not in the graph schema"),
    "property of a nameless pattern": ("{runId:", "{rundId:", "rundId is not in the graph schema"),
    "variable": ("WHERE r.", "WHERE q.", "Variable `q` not defined"),
    "parameter": ("$id", "$other", "are not those in the text"),
    "procedure": ("WHERE r.rating > 3\n", "CALL db.nothing()\n", "Procedure db.nothing is not in"),
    "syntax": ("MATCH (u", "MATCH u", "Invalid input"),
    "no Cypher 25": ("SET r.seq = 1\n", "SET r = u\n", "as CYPHER 25: Type mismatch"),
    "layout": ("WHERE r.rating > 3\n", "WHERE r.rating>3\n", "make format"),
    "broken order": (
        "WHERE r.rating > 3\n",
        "WITH u, m, r\nORDER BY r.rating, [\n  x IN [1]\n  | x\n]\n",
        "ORDER BY goes over several lines",
    ),
}


@pytest.fixture(scope="module")
def gate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("cypher_gate", GATE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _planted(name: str) -> str:
    old, new, _ = WRONG[name]
    return HEADER + RIGHT.replace(old, new)


@pytest.mark.slow
def test_every_kind_of_mistake_is_found(gate: ModuleType) -> None:
    texts = {Path(f"{name}.cypher"): _planted(name) for name in WRONG}
    texts[Path("right.cypher")] = HEADER + RIGHT
    problems = gate.check_texts(texts, gate.read_schema(gate.FOLDERS[0]))
    for name, (_, _, message) in WRONG.items():
        found = [problem for problem in problems if problem.startswith(f"{name}.cypher:")]
        assert any(message in problem for problem in found), f"{name}: {found}"
    assert [problem for problem in problems if problem.startswith("right")] == []


def test_no_statement_lies_elsewhere(gate: ModuleType) -> None:
    listing = ["git", "ls-files", "*.cypher"]
    done = subprocess.run(listing, cwd=gate.ROOT, capture_output=True, text=True, check=True)
    paths = [gate.ROOT / name for name in done.stdout.splitlines()]
    assert paths
    outside = [path for path in paths if not any(map(path.is_relative_to, gate.FOLDERS))]
    assert outside == []


@pytest.mark.slow
def test_every_folder_is_checked(gate: ModuleType, tmp_path: Path) -> None:
    """A wrong label planted in each folder, of the example plugin too, is found."""
    text = HEADER.replace("id (INTEGER)", "none") + "MATCH (m:Movei)\nRETURN m.title AS title\n"
    for root in filter(Path.is_dir, gate.FOLDERS):
        copy = tmp_path / root.parent.name
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns("*.cypher", "__pycache__"))
        folders = [copy, *(path for path in copy.iterdir() if path.is_dir())]
        for folder in folders:
            (folder / "planted.cypher").write_text(text)
        problems = gate.check(copy)
        found = [problem for problem in problems if WRONG["label"][2] in problem]
        assert len(found) == len(folders)


def test_a_plugin_adds_to_the_schema(gate: ModuleType) -> None:
    schema = gate.read_schema(gate.FOLDERS[1])
    assert {"Product", "Movie"} <= set(schema["labels"])
    assert {"from": "User", "relType": "RATED", "to": "Product"} in schema["relationships"]
    assert "Product" not in gate.read_schema(gate.FOLDERS[0])["labels"]
