"""Names of projections and models in the server's catalogues, and getting rid of old ones."""

from __future__ import annotations

import os
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ..artifacts import digest
from ..errors import ReelgraphError
from ..graph.connection import Graph
from ..graph.local.process import ended, host, identify

PREFIX = "reelgraph-"
_STALE_HOURS = 24
_OURS = re.compile(
    rf"{PREFIX}(?P<machine>[0-9a-f]{{6}})-(?P<process>\d+)-(?P<born>[0-9a-f]{{6}})-.*-[0-9a-f]{{8}}"
)

_open: set[str] = set()  # projections and models that this process has open


def new_name(label: str) -> str:
    """A name that says which machine and process made the thing, registered as open."""
    process = os.getpid()
    name = f"{PREFIX}{_machine()}-{process}-{_born(process)}-{label}-{uuid.uuid4().hex[:8]}"
    _open.add(name)
    return name


def forget(name: str) -> None:
    """The name is no longer one that this process has open."""
    _open.discard(name)


def drop(graph: Graph, name: str) -> None:
    """Drop a projection; one that is not there is fine."""
    forget(name)
    graph.run("gds/drop_projection", name=name)


@contextmanager
def model_name(graph: Graph, label: str) -> Iterator[str]:
    """A name for a model of the catalogue, which holds three at most; always dropped."""
    name = new_name(label)
    try:
        yield name
    except BaseException:
        with suppress(ReelgraphError):  # the first error says more
            _drop_model(graph, name)
        raise
    _drop_model(graph, name)


def drop_stale(graph: Graph) -> list[str]:
    """Drop what crashed processes of this program left behind; returns the names.

    What this machine made goes when its process is gone, other things after a day; what has
    another kind of name is somebody else's.
    """
    dropped = []
    for row in graph.run("gds/list_projections", prefix=PREFIX, database=graph.database).rows:
        if _is_stale(row["name"], row["hours"]):
            drop(graph, row["name"])
            dropped.append(row["name"])
    for row in graph.run("gds/list_models", prefix=PREFIX).rows:
        if _is_stale(row["name"], row["hours"]):
            _drop_model(graph, row["name"])
            dropped.append(row["name"])
    return dropped


def _drop_model(graph: Graph, name: str) -> None:
    forget(name)
    graph.run("gds/drop_model", name=name)


def _is_stale(name: str, hours: int) -> bool:
    found = _OURS.fullmatch(name)
    if found is None or name in _open:
        return False
    if found["machine"] == _machine():
        process = int(found["process"])
        another = _born(process) not in (None, found["born"])  # None: not ours to look at
        return process == os.getpid() or ended(process) or another
    return hours >= _STALE_HOURS


def _machine() -> str:
    return digest(host(), 6)


def _born(process: int) -> str | None:
    """Digest of when a process began, so that a later one with its number is another one."""
    found = identify(process)
    return None if found is None else digest(found.born, 6)
