"""The loader's lock in the graph: one loader at a time; that of a killed one expires."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from ...errors import DatabaseError
from ...graph import migrations
from ...graph.connection import GraphLike
from ...graph.local.process import ended, host

NAME = "load"
LEASE_SECONDS = 30


@contextmanager
def load_lock(
    graph: GraphLike, lease: int = LEASE_SECONDS, *, migrate: bool = True
) -> Iterator[str]:
    """Hold the lock; gives the owner's name, which every transaction has to find in the lock.

    The lock expires ``lease`` seconds, by the server's clock, after its owner stops renewing
    it; that of a process that has ended on this machine is taken over at once.

    :param migrate: apply the migrations once the lock is held.
    :raises DatabaseError: when another loader holds it; says which, and until when.
    """
    owner = uuid.uuid4().hex
    _acquire(graph, owner, lease)
    done = threading.Event()
    heart = threading.Thread(target=_renew, args=(graph, owner, lease, done), daemon=True)
    heart.start()
    try:
        if migrate:
            migrations.apply(graph)
        yield owner
    finally:
        done.set()
        heart.join()
        with suppress(DatabaseError):  # it expires without us
            graph.run("load/release_lock", name=NAME, owner=owner)


def _acquire(graph: GraphLike, owner: str, lease: int) -> None:
    who = {
        "name": NAME,
        "owner": owner,
        "host": host(),
        "pid": os.getpid(),
        "seconds": lease,
    }
    # The second call takes over from a process that has ended. It also finds the lock that
    # another one made at the same moment in a graph without the constraint on its name.
    holders: list[dict[str, Any]] = []
    for _ in range(2):
        owners = [owner, *(row["owner"] for row in holders if _has_ended(row))]
        holders = graph.run("load/acquire_lock", owners=owners, **who).rows
    others = [row for row in holders if row["owner"] != owner]
    if others:
        holder = others[0]
        graph.run("load/release_lock", name=NAME, owner=owner)  # ours beside it, if we made one
        raise DatabaseError(
            f"another loader is writing to this graph: process {holder['pid']} on "
            f"{holder['host'].partition(' ')[0]}, since {holder['since']}",
            "Wait until it has ended. If it was killed, its lock expires at "
            f"{holder['expires']}, by the server's clock.",
        )


def _has_ended(holder: dict[str, Any]) -> bool:
    """Whether the holder was a process of this machine that is there no more."""
    return bool(holder["host"] == host()) and ended(holder["pid"])


def _renew(graph: GraphLike, owner: str, lease: int, done: threading.Event) -> None:
    while not done.wait(lease / 3):
        with suppress(DatabaseError):  # the next renewal, or a batch, will tell
            row = graph.run("load/renew_lock", name=NAME, owner=owner, seconds=lease).single()
            if row is None:
                return
