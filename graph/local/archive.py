"""Moving the graph: a dump file that Neo4j Desktop, Aura and other servers read."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import InputError, ServerError
from . import admin
from .home import Home

if TYPE_CHECKING:
    from .server import LocalServer

DATABASE = "neo4j"
_BESIDE = "being-restored"
_REPLACED = "being-replaced"


def dump(server: LocalServer, file: Path) -> None:
    """Write database ``neo4j`` to ``file``; a running server is stopped and started again.

    :raises ServerError: when there is no store, or the admin tool fails.
    :raises InputError: when the file cannot be written.
    """
    from ...artifacts import atomic

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


def _folders(home: Home, database: str) -> list[Path]:
    return [home.data / part / database for part in ("databases", "transactions")]


def replace(home: Home, beside: str) -> None:
    """Put the database ``beside`` where the graph was; on failure the graph is put back.

    Killed in between, it leaves what :func:`put_back` makes good.
    """
    put_back(home)
    remove(home, _REPLACED)
    moves = [
        *zip(_folders(home, DATABASE), _folders(home, _REPLACED), strict=True),
        # the store comes last: with it in its place everything is
        *reversed([*zip(_folders(home, beside), _folders(home, DATABASE), strict=True)]),
    ]
    try:
        for source, target in moves:
            if source.exists():
                source.rename(target)
    except BaseException:  # Ctrl-C too
        put_back(home)
        raise
    remove(home, _REPLACED)


def put_back(home: Home) -> None:
    """Put the graph back that :func:`replace`, killed before its end, left elsewhere.

    Only with no server running: one that finds no store makes an empty one.
    """
    store, transactions = _folders(home, DATABASE)
    old_store, old_transactions = _folders(home, _REPLACED)
    if store.exists() or not old_store.exists():
        return
    if old_transactions.exists():
        shutil.rmtree(transactions, ignore_errors=True)  # those of the new graph
        old_transactions.rename(transactions)
    old_store.rename(store)


def remove(home: Home, database: str) -> None:
    """Delete a database's files; only of one that no server has open."""
    for folder in _folders(home, database):
        shutil.rmtree(folder, ignore_errors=True)
