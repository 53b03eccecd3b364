"""The local server's password in ``.env``; every other line of that file stays as it is."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from ...artifacts import atomic
from ...errors import SettingsError
from ...settings_files import read_env, read_utf8

PASSWORD = "REELGRAPH_LOCAL_PASSWORD"
MINIMUM_LENGTH = 8  # Neo4j refuses shorter ones


def read_password(env_file: Path) -> str | None:
    """The local password: from the environment, else from ``.env``, else None."""
    return os.environ.get(PASSWORD) or read_env(env_file).get(PASSWORD) or None


def ensure_password(env_file: Path) -> str:
    """The local password; a random one is made and stored when there is none.

    :raises SettingsError: when a given one is too short for Neo4j.
    """
    password = read_password(env_file)
    if password is None:
        password = secrets.token_hex(12)  # no character that a shell, Compose or a URI reads
        store(env_file, PASSWORD, password)
    if len(password) < MINIMUM_LENGTH:
        raise SettingsError(
            f"{PASSWORD} has {len(password)} characters; Neo4j wants {MINIMUM_LENGTH}",
            "Choose a longer one, or remove it to have a random one made.",
        )
    return password


def store(env_file: Path, name: str, value: str) -> None:
    """Set one variable in ``.env``, keep all other lines, and make the file private (0600)."""
    lines = read_utf8(env_file).splitlines() if env_file.is_file() else []
    kept = [line for line in lines if not _sets(line, name)]
    with atomic(env_file) as temporary:
        with open(
            temporary,
            "w",
            encoding="utf-8",
            opener=lambda path, flags: os.open(path, flags, 0o600),
        ) as file:
            file.write("\n".join([*kept, f"{name}={value}"]) + "\n")
        temporary.chmod(0o600)


def _sets(line: str, name: str) -> bool:
    return line.removeprefix("export ").partition("=")[0].strip() == name
