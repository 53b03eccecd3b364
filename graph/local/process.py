"""Starting a process of its own, recognising it again, and stopping it."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_POLL = 0.1  # seconds between looks at a process that is ending


@dataclass(frozen=True)
class Identity:
    """A process, so that another one with the same number is not taken for it.

    ``born`` is the kernel's start time, ``command`` a digest of the command line.
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
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def identify(pid: int) -> Identity | None:
    """The identity of a running process; None when there is none, or only a zombie."""
    if pid <= 0:
        return None
    found = _from_proc(pid) if Path("/proc/self/stat").exists() else _from_ps(pid)
    if found is None or not found[1]:  # no command line: not yet, or not any more, a program
        return None
    born, command = found
    return Identity(pid, born, hashlib.sha256(command).hexdigest()[:16])


def start_detached(
    command: Sequence[str | Path], log: Path, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, its output in ``log``."""
    with log.open("wb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )


def stop(identity: Identity, patience: float = 60.0) -> bool:
    """End a process: SIGTERM, wait up to ``patience`` seconds, then SIGKILL.

    :returns: False when it was not running any more.
    """
    if not identity.alive():
        return False
    _signal(identity, signal.SIGTERM)
    if not _gone(identity, patience):
        _signal(identity, signal.SIGKILL)
        _gone(identity, patience)
    return True


def _signal(identity: Identity, number: signal.Signals) -> None:
    try:
        os.kill(identity.pid, number)
    except ProcessLookupError:
        return


def _gone(identity: Identity, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while identity.alive():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)
    return True


def _from_proc(pid: int) -> tuple[str, bytes] | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()  # the name before may hold spaces
    state, started = fields[0], fields[19]
    return None if state == "Z" else (started, command)


def _from_ps(pid: int) -> tuple[str, bytes] | None:
    """The same on systems without ``/proc``."""
    done = subprocess.run(
        ["ps", "-ww", "-o", "state=,lstart=,command=", "-p", str(pid)],
        capture_output=True,
        check=False,
    )
    state, _, rest = done.stdout.strip().partition(b" ")
    if done.returncode or not rest or state.startswith(b"Z"):
        return None
    words = rest.split()
    return b" ".join(words[:5]).decode(), b" ".join(words[5:])
