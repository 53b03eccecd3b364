"""The programs that the local server needs, and how to get a missing one."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ...errors import ServerError

JAVA_HINT = "apt-get install openjdk-17-jre-headless"
MAVEN_HINT = "apt-get install maven"
DOCKER_HINT = "Start the Docker daemon, or install Docker with its Compose plugin."
MINIMUM_JAVA = 17

_VERSION = re.compile(r'version "(\d+)(?:\.(\d+))?[^"]*"')


@dataclass(frozen=True)
class Java:
    """A Java launcher and its major version."""

    path: Path
    major: int


def find_java() -> Java | None:
    """The Java of ``JAVA_HOME`` or else of the path, when it is recent enough."""
    for path in _java_candidates():
        major = _java_major(path)
        if major >= MINIMUM_JAVA:
            return Java(path, major)
    return None


def java() -> Java:
    """:raises ServerError: when there is no Java 17 or later."""
    found = find_java()
    if found is None:
        raise ServerError(f"Java {MINIMUM_JAVA} or later not found: {JAVA_HINT}")
    return found


def find_maven() -> Path | None:
    found = shutil.which("mvn")
    return Path(found) if found else None


def maven() -> Path:
    """:raises ServerError: when Maven is not installed."""
    found = find_maven()
    if found is None:
        raise ServerError(
            f"Maven not found: {MAVEN_HINT}",
            "It fetches the server's jars, once; or use Docker: reelgraph neo4j up --docker",
        )
    return found


def docker_answers() -> bool:
    """True when a Docker daemon with Compose can be used."""
    if shutil.which("docker") is None:
        return False
    return all(
        _succeeds(["docker", *arguments])
        for arguments in (["compose", "version"], ["version", "--format", "{{.Server.Version}}"])
    )


def require_docker() -> None:
    """:raises ServerError: when no Docker daemon answers."""
    if not docker_answers():
        raise ServerError("no Docker daemon with Compose answers", DOCKER_HINT)


def _java_candidates() -> list[Path]:
    home = os.environ.get("JAVA_HOME")
    on_path = shutil.which("java")
    candidates = [Path(home) / "bin" / "java"] if home else []
    return candidates + ([Path(on_path)] if on_path else [])


def _java_major(path: Path) -> int:
    """17 for ``17.0.15``, 8 for ``1.8.0_402``, 0 when it does not run."""
    try:
        done = subprocess.run(
            [path, "-version"],
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return 0
    match = _VERSION.search(done.stderr + done.stdout)
    if not match:
        return 0
    first, second = match.groups()
    return int(second or 0) if first == "1" else int(first)


def _succeeds(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
