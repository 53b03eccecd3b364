"""Jars by Maven: complete or not there, with the reason when it fails. Maven is played."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from reelgraph.errors import ServerError
from reelgraph.graph.local import jars, java, lanes
from reelgraph.graph.local.lanes import CALENDAR, DEFAULT, LANES, LONG_TERM, Lane

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
    assert not jars.jars_complete(folder, DEFAULT)
    jars.ensure_jars(folder, DEFAULT)
    jars.ensure_jars(folder, DEFAULT)
    assert jars.jars_complete(folder, DEFAULT)
    assert {path.name for path in folder.iterdir()} == {"lib", "plugins", "pom.sha256"}
    assert Path(f"{maven}.n").read_text() == "x\n"


def test_a_failed_download_does_not_count(tmp_path: Path, maven: Path) -> None:
    folder = tmp_path / "server"
    play(maven, 'mkdir -p "$d/lib"; touch "$d/lib/a.jar"; echo "[ERROR] no route to host"; exit 1')
    with pytest.raises(ServerError, match="no route to host") as failed:
        jars.ensure_jars(folder, DEFAULT)
    assert "proxy" in failed.value.hint
    assert not folder.exists()
    play(maven, 'test ! -e "$d/lib/a.jar" && mkdir -p "$d/lib" "$d/plugins"')
    jars.ensure_jars(folder, DEFAULT)
    assert jars.jars_complete(folder, DEFAULT)


def test_what_is_in_mavens_cache_is_not_fetched_again(
    tmp_path: Path, maven: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    play(maven, 'echo "$@" >> "$0.n"; mkdir -p "$d/lib" "$d/plugins"')
    jars.ensure_jars(tmp_path / "server", DEFAULT)
    assert "--offline" in Path(f"{maven}.n").read_text()
    assert "from Maven's cache" in capsys.readouterr().err
    play(maven, 'mkdir -p "$d/lib"; touch "$d/lib/$$.jar"; case "$*" in *--offline*) exit 1; esac')
    jars.ensure_jars(tmp_path / "other", DEFAULT)
    said = capsys.readouterr().err
    assert "Fetching Neo4j" in said and "cache" not in said
    assert len(list((tmp_path / "other" / "lib").iterdir())) == 1


def test_another_pom_is_resolved_again(tmp_path: Path, maven: Path) -> None:
    folder = tmp_path / "server"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "old.jar").touch()
    (folder / "pom.sha256").write_text("another")
    play(maven, 'mkdir -p "$d/lib" "$d/plugins"')
    jars.ensure_jars(folder, DEFAULT)
    assert list((folder / "lib").iterdir()) == []


@pytest.mark.parametrize(("lane", "neo4j"), [(LONG_TERM, "5.26."), (CALENDAR, "2026.01.")])
def test_versions_are_those_of_the_lanes_profile(lane: Lane, neo4j: str) -> None:
    assert set(lane.versions) == {"neo4j", "browser", "gds"}
    assert lane.versions["neo4j"].startswith(neo4j)
    page = (lanes.POM.parent / "docs" / "server.md").read_text("utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| `{lane.name}`")]
    assert lane.versions["neo4j"] in row and f"OpenGDS {lane.versions['gds']} |" in row
    assert f"| {lane.javas} | `neo4j_data/{lane.jars}/` |" in row


def test_each_lane_has_jars_of_its_own(tmp_path: Path, maven: Path) -> None:
    play(maven, 'echo "$@" >> "$0.n"; mkdir -p "$d/lib" "$d/plugins"')
    for lane in LANES.values():
        jars.ensure_jars(tmp_path / lane.jars, lane)
    assert jars.jars_complete(tmp_path / CALENDAR.jars, CALENDAR)
    assert not jars.jars_complete(tmp_path / CALENDAR.jars, LONG_TERM)
    asked = Path(f"{maven}.n").read_text().splitlines()
    assert ["-P 5.26 package" in asked[0], "-P 2026 package" in asked[1]] == [True, True]


def test_maven_is_told_of_a_java_that_is_not_on_the_path(
    tmp_path: Path, maven: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "jvm" / "21"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").write_text("#!/bin/sh\necho 'openjdk version \"21.0.2\"' >&2\n")
    (home / "bin" / "java").chmod(0o755)
    tools = tmp_path / "tools"
    tools.mkdir()
    for name in ("mkdir", "sh"):
        (tools / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", os.pathsep.join([str(maven.parent), str(tools)]))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(java, "PLACES", (str(tmp_path / "jvm" / "*"),))
    play(maven, 'echo "$JAVA_HOME" > "$0.home"; mkdir -p "$d/lib" "$d/plugins"')
    jars.ensure_jars(tmp_path / "server", DEFAULT)
    assert Path(f"{maven}.home").read_text().strip() == str(home)
