"""Jars by Maven: complete or not there, with the reason when it fails. Maven is played."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelgraph.errors import ServerError
from reelgraph.graph.local import jars

_TARGET = 'for word in "$@"; do case "$word" in -Dserver.directory=*) d="${word#*=}";; esac; done\n'


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program ``mvn`` that a test writes; it knows the target folder as ``$d``."""
    program = tmp_path / "bin" / "mvn"
    program.parent.mkdir()
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return program


def play(program: Path, body: str) -> None:
    program.write_text(f"#!/bin/sh\n{_TARGET}{body}\n")
    program.chmod(0o755)


def test_jars_are_resolved_once(tmp_path: Path, maven: Path) -> None:
    folder = tmp_path / "server"
    play(maven, 'mkdir -p "$d/lib" "$d/plugins" "$d/build"; touch "$d/lib/a.jar"; echo x >> "$0.n"')
    assert not jars.jars_complete(folder)
    jars.ensure_jars(folder)
    jars.ensure_jars(folder)
    assert jars.jars_complete(folder)
    assert {path.name for path in folder.iterdir()} == {"lib", "plugins", "pom.sha256"}
    assert Path(f"{maven}.n").read_text() == "x\n"


def test_a_failed_download_does_not_count(tmp_path: Path, maven: Path) -> None:
    folder = tmp_path / "server"
    play(maven, 'mkdir -p "$d/lib"; touch "$d/lib/a.jar"; echo "[ERROR] no route to host"; exit 1')
    with pytest.raises(ServerError, match="no route to host") as failed:
        jars.ensure_jars(folder)
    assert "proxy" in failed.value.hint
    assert not folder.exists()
    play(maven, 'test ! -e "$d/lib/a.jar" && mkdir -p "$d/lib" "$d/plugins"')
    jars.ensure_jars(folder)
    assert jars.jars_complete(folder)


def test_what_is_in_mavens_cache_is_not_fetched_again(
    tmp_path: Path, maven: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    play(maven, 'echo "$@" >> "$0.n"; mkdir -p "$d/lib" "$d/plugins"')
    jars.ensure_jars(tmp_path / "server")
    assert "--offline" in Path(f"{maven}.n").read_text()
    assert "from Maven's cache" in capsys.readouterr().err
    play(maven, 'mkdir -p "$d/lib"; touch "$d/lib/$$.jar"; case "$*" in *--offline*) exit 1; esac')
    jars.ensure_jars(tmp_path / "other")
    said = capsys.readouterr().err
    assert "Fetching Neo4j" in said and "cache" not in said
    assert len(list((tmp_path / "other" / "lib").iterdir())) == 1


def test_another_pom_is_resolved_again(tmp_path: Path, maven: Path) -> None:
    folder = tmp_path / "server"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "old.jar").touch()
    (folder / "pom.sha256").write_text("another")
    play(maven, 'mkdir -p "$d/lib" "$d/plugins"')
    jars.ensure_jars(folder)
    assert list((folder / "lib").iterdir()) == []


def test_versions_are_those_of_the_pom() -> None:
    assert set(jars.versions()) == {"neo4j", "browser", "gds"}
    assert jars.versions()["neo4j"].startswith("5.26.")
