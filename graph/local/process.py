"""Starting a process of its own, recognising it again, and stopping it, by psutil."""

from __future__ import annotations

import hashlib
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

_POLL = 0.1  # seconds between looks at a process that is ending


@dataclass(frozen=True)
class Identity:
    """A process, so that another one with the same number is not taken for it.

    ``born`` is when it began, in hundredths of a second, ``command`` a digest of the command
    line.
    """

    pid: int
    born: str
    command: str

    def alive(self) -> bool:
        return identify(self.pid) == self


def host() -> str:
    """The machine by whose process numbers a process can be looked for.

    Two containers may have one host name; each has process numbers of its own.
    """
    try:
        return f"{socket.gethostname()} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:  # not on Linux
        return socket.gethostname()


def ended(pid: int) -> bool:
    """Whether no process of this machine has the number; somebody else's counts as one."""
    return not psutil.pid_exists(pid)


def identify(pid: int) -> Identity | None:
    """The identity of a running process; None when there is none, or only a zombie."""
    if pid <= 0:
        return None
    try:
        process = psutil.Process(pid)
        words, born = process.cmdline(), _born(process)
    except (psutil.Error, OSError):  # gone, a zombie, or not ours to look at
        return None
    if not words:  # not yet, or not any more, a program
        return None
    command = "".join(f"{word}\0" for word in words).encode(errors="surrogateescape")
    return Identity(pid, born, hashlib.sha256(command).hexdigest()[:16])


def start_detached(
    command: Sequence[str | Path], log: Path, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start a process that Ctrl-C in this terminal does not reach, its output in ``log``."""
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
            creationflags=_creation_flags(),
        )


def stop(identity: Identity, patience: float = 60.0) -> bool:
    """End a process: SIGTERM, wait up to ``patience`` seconds, then SIGKILL.

    Windows knows no SIGTERM and ends it at once.

    :returns: False when it was not running any more.
    """
    if not identity.alive():
        return False
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(identity.pid)
        process.terminate()
        if not _gone(identity, patience):
            process.kill()
            _gone(identity, patience)
    return True


def _gone(identity: Identity, patience: float) -> bool:
    """Whether it ends in time; not by psutil's ``wait``, which waits for zombies, too."""
    deadline = time.monotonic() + patience
    while identity.alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def _born(process: psutil.Process) -> str:
    """On Linux since the system began, which a change of the clock does not move."""
    before = psutil.boot_time() if psutil.LINUX else 0.0
    return str(round(100 * (process.create_time() - before)))


def _creation_flags() -> int:
    """What Windows has in place of a session of its own; 0 elsewhere."""
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    else:
        return 0
