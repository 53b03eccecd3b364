"""One process at a time, by a file that the system lets go of when its holder ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from .errors import ArtifactError

LOCK = ".lock"


@contextmanager
def held(folder: Path, what: str, wait: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold a folder for this process; the system lets go of it when the process ends.

    :param what: the folder's content in words, such as ``run abc``.
    :param wait: wait for the other process; called with a line that says so.
    :raises ArtifactError: when another process holds it and ``wait`` is None.
    """
    busy = f"another process works on {what}"
    lock = _lock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if wait is None:
            raise ArtifactError(
                busy, "Wait for it to finish, or stop it and run the same command again."
            ) from None
        wait(f"{busy}, waiting for it")
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold a lock file, whose folder is made; waits for whoever holds it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with _lock(file):
        yield


def _lock(file: Path) -> FileLock:
    # a soft lock would outlive a killed process
    return FileLock(file, thread_local=False, fallback_to_soft=False)
