"""What is packaged: the list of packages, and a wheel that works outside the repository."""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_PACKAGED = {"tests", "bench", "build", "dist", "docs", "neo4j_data"}


def _configured() -> configparser.ConfigParser:
    config = configparser.ConfigParser()
    config.read(ROOT / "setup.cfg")
    return config


def _folders() -> set[str]:
    """Packages in the repository: folders that hold an ``__init__.py``, up to the root."""
    found = {"reelgraph"}
    for path in ROOT.glob("*/**/__init__.py"):
        parts = path.parent.relative_to(ROOT).parts
        parents = [ROOT.joinpath(*parts[:depth]) for depth in range(1, len(parts))]
        if parts[0].startswith(".") or parts[0] in NOT_PACKAGED:
            continue
        if all((parent / "__init__.py").is_file() for parent in parents):
            found.add(".".join(("reelgraph", *parts)))
    return found


def test_the_list_of_packages_is_the_folders() -> None:
    listed = _configured()["options"]["packages"].split()
    assert sorted(listed) == sorted(_folders())
    assert not any("example" in name for name in listed)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel built from a copy of what git would check out, so that nothing is left behind."""
    folder = tmp_path_factory.mktemp("wheel")
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            target = folder / "source" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run(
        [*build, str(folder / "source")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.mark.slow
def test_the_wheel_holds_what_the_program_reads(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    statements = {
        f"reelgraph/{path.relative_to(ROOT)}" for path in (ROOT / "cypher").rglob("*.cypher")
    }
    assert statements
    assert statements <= names
    assert {"reelgraph/pom.xml", "reelgraph/docker-compose.yml", "reelgraph/py.typed"} <= names
    folders = {Path(name).parts[1] for name in names if len(Path(name).parts) > 2}
    assert not folders & {"tests", "bench", "docs"}
    assert not [name for name in names if "example" in name]
    assert any(name.endswith("/LICENSE") for name in names)


@pytest.mark.slow
def test_the_wheel_works_outside_the_repository(wheel: Path, tmp_path: Path) -> None:
    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, "--target", str(site), str(wheel)], check=True)
    environment = {**os.environ, "PYTHONPATH": str(site)}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert run("-c", "import reelgraph; print(reelgraph.__file__)").startswith(str(site))
    assert "reelgraph neo4j up" in run("-m", "reelgraph", "--help")
    statements = run("-c", "from reelgraph import cypher; print(len(cypher.statements()))")
    assert int(statements) == len(list((ROOT / "cypher").rglob("*.cypher")))
    listed = run("-m", "reelgraph", "plugins", "--json")
    assert "builtin_models" in listed


@pytest.mark.slow
def test_data_files_of_packages_are_packaged(wheel: Path) -> None:
    """Whatever lies beside the code of a package, such as a table that a module reads."""
    names = set(zipfile.ZipFile(wheel).namelist())
    beside = [
        path
        for package in _folders() - {"reelgraph"}
        for path in ROOT.joinpath(*package.split(".")[1:]).iterdir()
        if path.is_file() and path.suffix not in (".py", ".pyc")
    ]
    needed = {f"reelgraph/{path.relative_to(ROOT)}" for path in beside} - {
        "reelgraph/cypher/graph_schema.json"  # read by make lint only
    }
    assert needed - names == set()
