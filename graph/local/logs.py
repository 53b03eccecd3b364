"""Reading the server's log: its tail, what is added to it, and why a start failed."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

_POLL = 0.3  # seconds between looks at a log that is followed
_MEANINGFUL = re.compile(r"ERROR|Caused by:|Exception:|Error occurred|OutOfMemory|Unrecognized")
_NOISE = re.compile(r"^\s+at |^\s*\.\.\. \d+ more")


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a log; none when it does not exist."""
    try:
        with path.open(errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=lines)]
    except OSError:
        return []


def follow(path: Path, lines: int) -> Iterator[str]:
    """The last lines of a log, then each new one, for ever."""
    while not path.exists():
        time.sleep(_POLL)
    with path.open(errors="replace") as file:
        yield from (line.rstrip("\n") for line in deque(file, maxlen=lines))
        while True:
            line = file.readline()
            if line:
                yield line.rstrip("\n")
            else:
                time.sleep(_POLL)


def reason(path: Path, most: int = 6) -> str:
    """Why a start failed: the lines of its log that name errors, else its last lines.

    Causes come last in a Java log, so the last such lines are taken.
    """
    lines = [line for line in tail(path, 2000) if line.strip() and not _NOISE.match(line)]
    errors = [line.strip()[:300] for line in lines if _MEANINGFUL.search(line)]
    return "\n".join(list(dict.fromkeys(errors))[-most:] or lines[-most:])
