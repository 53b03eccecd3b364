"""Maven and Docker: whether they are there, and how to get a missing one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from ...errors import ServerError

MAVEN_HINT = "apt-get install maven"
DOCKER_HINT = "Start the Docker daemon, or install Docker with its Compose plugin."


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


def _succeeds(command: list[str]) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
