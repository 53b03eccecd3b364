"""An empty server for graph jobs, so that they can read nothing but their projection."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ...errors import ServerError
from ...graph.local import Home, LocalServer, ServerOptions
from ...graph.local.jars import jars_complete
from ...graph.local.java import java
from ...graph.local.process import ended
from ...settings import Settings

_FOLDER = "audit-"


@contextmanager
def empty_server(settings: Settings) -> Iterator[LocalServer]:
    """An empty server on free ports, with the memory and the jars of the workspace's own.

    It is stopped and deleted in the end; one that a killed audit left is, by the next audit.

    :raises ServerError: when there is no Java, no jars, or the server does not start.
    """
    own = LocalServer.of(settings)
    jars = own.jars_folder
    java(own.lane)
    if not jars_complete(jars, own.lane):
        raise ServerError(f"no jars of a local server in {jars}", "Fetch them: reelgraph neo4j up")
    _stop_stale(settings.server_dir)
    folder = settings.server_dir / f"{_FOLDER}{os.getpid()}"
    folder.mkdir()
    server = _server(folder, own)
    try:
        server.up()
        yield server
    finally:
        _stop(server, folder)


def _server(folder: Path, own: LocalServer) -> LocalServer:
    options = ServerOptions(*_free_ports(), own.options.heap, own.options.page_cache)
    home = Home(folder / "neo4j_data")
    return LocalServer(home, folder / ".env", options, own.jars_folder, own.lane)


def _stop(server: LocalServer, folder: Path) -> None:
    server.down()
    shutil.rmtree(folder, ignore_errors=True)


def _stop_stale(server_dir: Path) -> None:
    for folder in server_dir.glob(f"{_FOLDER}*"):
        process = folder.name.removeprefix(_FOLDER)
        if process.isdecimal() and ended(int(process)):
            home = Home(folder / "neo4j_data")
            _stop(LocalServer(home, folder / ".env", ServerOptions()), folder)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        for one in (first, second):
            one.bind(("127.0.0.1", 0))
        return int(first.getsockname()[1]), int(second.getsockname()[1])
