"""Neo4j's admin tool, run on a stopped server."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Any

from ...errors import ServerError
from .home import Home
from .java import Java


def admin_command(java: Java, home: Home, jars: Path, *arguments: str) -> list[str]:
    # a short-lived program: the quick compiler and a small collector start faster
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]
    class_path = ["-cp", f"{jars}/lib/*", f"-Dbasedir={home.path}"]
    return [*java.command, *options, *class_path, "org.neo4j.cli.AdminTool", *arguments]


def environment(home: Home) -> dict[str, str]:
    """The environment for server and admin tool, free of the user's own ``NEO4J_…``."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("NEO4J_")}
    return {**kept, "NEO4J_HOME": str(home.path), "NEO4J_CONF": str(home.conf)}


def set_initial_password(java: Java, home: Home, jars: Path, password: str) -> None:
    """Set the password of user ``neo4j`` before the store's first start.

    :raises ServerError: when the admin tool fails.
    """
    # by a file in a private folder, because a command line can be read by everyone
    with tempfile.TemporaryDirectory(dir=home.conf) as folder:
        file = Path(folder) / "password.args"
        file.write_text(f'"{password}"\n', encoding="utf-8")
        command = admin_command(java, home, jars, "dbms", "set-initial-password", f"@{file}")
        run(command, environment(home), "set the password")


def run(
    command: list[str],
    env: dict[str, str],
    action: str,
    stdin: IO[Any] | None = None,
    stdout: IO[Any] | None = None,
    folder: Path | None = None,
) -> None:
    """Run an admin command.

    :param folder: where it is started.
    :raises ServerError: with what the tool said, when it fails.
    """
    done = subprocess.run(
        command,
        env=env,
        cwd=folder,
        stdin=stdin or subprocess.DEVNULL,
        stdout=stdout or subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or b"") + (done.stdout or b"")
        lines = said.decode(errors="replace").strip().splitlines()
        raise ServerError(f"neo4j-admin could not {action}:\n" + "\n".join(lines[-6:]))
