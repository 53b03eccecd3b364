"""One process at a time in a folder."""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import ArtifactError


@contextmanager
def held(folder: Path, what: str, wait: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold a folder for this process; the system lets go of it when the process ends.

    :param what: the folder's content in words, such as ``run abc``.
    :param wait: wait for the other process; called with a line that says so.
    :raises ArtifactError: when another process holds it and ``wait`` is None.
    """
    busy = f"another process works on {what}"
    with (folder / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if wait is None:
                raise ArtifactError(
                    busy, "Wait for it to finish, or stop it and run the same command again."
                ) from None
            wait(f"{busy}, waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
