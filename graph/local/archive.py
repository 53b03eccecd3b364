"""Moving the graph: a dump file that Neo4j Desktop, Aura and other servers read."""

from __future__ import annotations

from pathlib import Path

from ...artifacts import atomic
from ...errors import InputError, ServerError
from . import admin
from .server import LocalServer
from .stores import DATABASE, put_back, remove, replace

_BESIDE = "being-restored"


def dump(server: LocalServer, file: Path) -> None:
    """Write database ``neo4j`` to ``file``; a running server is stopped and started again.

    :raises ServerError: when there is no store, or the admin tool fails.
    :raises InputError: when the file cannot be written.
    """
    if not server.home.started_before:
        raise ServerError(f"there is no store in {server.home.data}", "Nothing to dump.")
    try:
        with server.stopped(), atomic(file) as temporary, temporary.open("wb") as output:
            put_back(server.home)
            command, environment = server.way().admin("database", "dump", DATABASE, "--to-stdout")
            admin.run(command, environment, "dump the graph", stdout=output)
    except OSError as error:
        raise InputError(f"cannot write {file}: {error.strerror}") from None


def restore(server: LocalServer, file: Path) -> None:
    """Replace database ``neo4j`` by a dump file's; a running server is stopped meanwhile.

    The dump is loaded beside the graph and takes its place when complete, because the
    admin tool deletes the old graph before it reads the new one.

    :raises ServerError: when the admin tool refuses the file; the graph then stays.
    :raises InputError: when the file cannot be read.
    """
    try:
        source = file.open("rb")
    except OSError as error:
        raise InputError(f"cannot read {file}: {error.strerror}") from None
    with source, server.stopped():
        remove(server.home, _BESIDE)
        try:
            command, environment = server.way().admin(
                "database", "load", _BESIDE, "--from-stdin", "--overwrite-destination=true"
            )
            admin.run(command, environment, f"read {file}", stdin=source)
            replace(server.home, _BESIDE)
        finally:
            remove(server.home, _BESIDE)
