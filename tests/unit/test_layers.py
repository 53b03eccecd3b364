"""The import contract of ``.importlinter`` holds, and would notice a violation."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = (
    "artifacts",
    "cli",
    "cypher",
    "explore",
    "export",
    "gds_jobs",
    "graph",
    "loader",
    "mcp_server",
    "model",
    "pipeline",
    "plugins",
    "results",
    "testing",
)
VIOLATIONS = {
    "errors.py": "from . import settings",
    "settings.py": "from . import artifacts",
    "artifacts/files.py": "from .. import cypher",
    "cypher/store.py": "from .. import graph",
    "graph/connection.py": "from ..loader import source",
    "loader/source.py": "from ..model import base",
    "gds_jobs/base.py": "from ..loader import source",
    "model/base.py": "import neo4j",
    "model/dataset.py": "from ..gds_jobs import base",
    "plugins/manager.py": "from ..pipeline import config",
    "export/dataset.py": "from ..gds_jobs import base",
    "results/writeback.py": "from ..loader import source",
    "graph/local/stores.py": "from . import server",
    "model/training/loss.py": "from ..zoo import ease",
    "pipeline/config.py": "from ..cli import context",
    "cli/context.py": "from .. import testing",
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package and the contract."""
    folder = tmp_path_factory.mktemp("layers")
    package = folder / "reelgraph"
    package.mkdir()
    for path in ROOT.glob("*.py"):
        shutil.copy(path, package)
    for name in FOLDERS:
        unneeded = shutil.ignore_patterns("__pycache__", "example")
        shutil.copytree(ROOT / name, package / name, ignore=unneeded)
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def test_the_contract_holds(copy: Path) -> None:
    result = _lint(copy)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("module", VIOLATIONS)
@pytest.mark.slow
def test_a_planted_violation_is_found(copy: Path, module: str) -> None:
    path = copy / "reelgraph" / module
    text = path.read_text()
    try:
        path.write_text(f"{text}\n{VIOLATIONS[module]}\n")
        result = _lint(copy)
    finally:
        path.write_text(text)
    assert result.returncode == 1, result.stdout
    assert "BROKEN" in result.stdout
