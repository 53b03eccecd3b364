"""An empty server for graph jobs, so that they can read nothing but their projection."""

from __future__ import annotations

import socket
from pathlib import Path

from ...errors import ServerError
from ...graph.local import Home, LocalServer, ServerOptions
from ...graph.local.jars import jars_complete
from ...graph.local.prerequisites import java


def start(workspace: Path, folder: Path) -> LocalServer:
    """Start an empty server in ``folder``, on free ports, by the jars of the workspace.

    The caller stops it. It is no server of the workspace: what is in that graph is not there.

    :raises ServerError: when there is no Java, no jars, or the server does not start.
    """
    jars = Home(workspace / "neo4j_data").jars
    java()
    if not jars_complete(jars):
        raise ServerError(f"no jars of a local server in {jars}", "Fetch them: reelgraph neo4j up")
    folder.mkdir(parents=True)
    options = ServerOptions(*_free_ports())
    server = LocalServer(Home(folder / "neo4j_data"), folder / ".env", options, jars)
    server.up()
    return server


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        for one in (first, second):
            one.bind(("127.0.0.1", 0))
        return int(first.getsockname()[1]), int(second.getsockname()[1])
