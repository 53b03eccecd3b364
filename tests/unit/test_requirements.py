"""Dependencies: declared where they are imported, with a lower bound, and refused below it."""

from __future__ import annotations

import ast
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest
from click.testing import CliRunner

from reelgraph.cli import main, requirements

ROOT = Path(__file__).parents[2]
OUTSIDE = {"tests", "testing", "bench", "plugins/example", "build", "dist", "neo4j_data"}
DISTRIBUTIONS = {"sklearn": "scikit-learn", "dotenv": "python-dotenv"}


def declared() -> dict[str, str]:
    script = [sys.executable, str(ROOT / "tests" / "lint" / "lower_bounds.py")]
    text = subprocess.run(script, capture_output=True, text=True, check=True).stdout
    return dict(line.split("==") for line in text.splitlines())


def imported() -> set[str]:
    """Packages of others that reelgraph's own modules import."""
    found = set()
    for path in ROOT.glob("**/*.py"):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith((".", *(f"{one}/" for one in OUTSIDE))):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {one.name.partition(".")[0] for one in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                found.add(node.module.partition(".")[0])
    own = {*sys.stdlib_module_names, "reelgraph"}
    return {DISTRIBUTIONS.get(name, name) for name in found - own}


def test_what_is_imported_is_declared_with_a_lower_bound() -> None:
    assert imported() <= set(declared())


def old_package(folder: Path, name: str, version: str) -> None:
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


def test_packages_that_are_too_old_are_refused_at_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old_package(tmp_path, "pandas", "2.2.3")
    monkeypatch.setattr(metadata, "requires", lambda _: ["pandas>=3.0", "numpy>=2.0"])
    arguments = ["--workspace", str(tmp_path), "plugins"]
    assert CliRunner().invoke(main, arguments).exit_code == 0
    monkeypatch.syspath_prepend(str(tmp_path))
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert "pandas 2.2.3 (needed: 3.0 or newer)" in result.output


@pytest.mark.parametrize(
    ("version", "bound", "old"),
    [
        ("3.0.0", "3.0", False),
        ("3", "3.0", False),
        ("2.15.0+cu132", "2.15", False),
        ("2.9", "2.15", True),
        ("6.0.0rc1", "6.0", False),
        ("5.28.1", "6.0", True),
    ],
)
def test_versions_are_compared_by_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: str, bound: str, old: bool
) -> None:
    old_package(tmp_path, "someone", version)
    monkeypatch.syspath_prepend(str(tmp_path))
    found = list(requirements.too_old([f"someone<99,>={bound}", "other>=1; extra == 'dev'"]))
    assert found == ([("someone", version, bound)] if old else [])
