"""Names of projections in the server's catalogue, and getting rid of old ones."""

from __future__ import annotations

import hashlib
import os
import platform
import uuid

from ..graph.connection import Graph

PREFIX = "reelgraph-"
_STALE_HOURS = 24

_open: set[str] = set()  # projections that this process has open


def new_name(label: str) -> str:
    """A name that says which machine and process made the projection, registered as open."""
    name = f"{PREFIX}{_machine()}-{os.getpid()}-{label}-{uuid.uuid4().hex[:8]}"
    _open.add(name)
    return name


def drop(graph: Graph, name: str) -> None:
    """Drop a projection; one that is not there is fine."""
    _open.discard(name)
    graph.run("gds/drop_projection", name=name)


def drop_stale(graph: Graph) -> list[str]:
    """Drop what crashed processes of this program left behind; returns the names.

    A projection of this machine goes when its process is gone, another one after a day.
    """
    dropped = []
    for row in graph.run("gds/list_projections", prefix=PREFIX, database=graph.database).rows:
        if row["name"] not in _open and _is_stale(row["name"], row["hours"]):
            drop(graph, row["name"])
            dropped.append(row["name"])
    return dropped


def _is_stale(name: str, hours: int) -> bool:
    machine, process, *_ = [*name.removeprefix(PREFIX).split("-"), ""]
    if machine == _machine() and process.isdigit():
        return int(process) == os.getpid() or not _is_running(int(process))
    return hours >= _STALE_HOURS


def _machine() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:6]


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
