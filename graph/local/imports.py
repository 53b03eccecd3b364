"""A first load by the admin tool: into a database beside the graph, which then takes its place."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from ...errors import ServerError
from . import admin, stores
from .server import LocalServer

BESIDE = "being-imported"


def import_graph(server: LocalServer, arguments: Sequence[str], folder: Path) -> dict[str, float]:
    """Replace database ``neo4j`` by what ``neo4j-admin`` makes of files; the server runs after it.

    Killed before the end, it leaves the old graph in its place.

    :param arguments: of the admin tool, for the database :data:`BESIDE`.
    :param folder: has the files that they name.
    :return: seconds for ``stop``, ``import`` and ``start``.
    :raises ServerError: when the admin tool fails; the graph then stays as it was.
    """
    if server.home.owner() == "compose":
        raise ServerError(
            "the local server runs in a container, which cannot see these files",
            "Load it without --bulk, by the driver.",
        )
    began = time.perf_counter()
    with server.stopped():
        stopped = time.perf_counter()
        stores.remove(server.home, BESIDE)
        try:
            command, environment = server.way().admin(*arguments)
            admin.run(command, environment, "import the files", folder=folder)
            stores.replace(server.home, BESIDE)
        finally:
            stores.remove(server.home, BESIDE)
        imported = time.perf_counter()
    server.up()
    ended = time.perf_counter()
    return {"stop": stopped - began, "import": imported - stopped, "start": ended - imported}
