"""Reading the server's log: its tail, what is added to it, and why a start failed."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path

_POLL = 0.3  # seconds between looks at a log that is followed
_MEANINGFUL = re.compile(r"ERROR|Caused by:|Exception:|Error occurred|OutOfMemory|Unrecognized")
_TIME = re.compile(r"^\d{4}-\d\d-\d\d [\d:.+]+ ")
_WIDTH = 300
_NOISE = re.compile(r"^\s+at |^\s*\.\.\. \d+ more| WARN | INFO ")


def tail(path: Path, lines: int) -> list[str]:
    """The last lines of a log; none when it does not exist."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return [line.rstrip("\n") for line in deque(file, maxlen=lines)]
    except OSError:
        return []


def follow(path: Path, lines: int) -> Iterator[str]:
    """The last lines of a log, then each new one, for ever."""
    while not path.exists():
        time.sleep(_POLL)
    with path.open(encoding="utf-8", errors="replace") as file:
        yield from (line.rstrip("\n") for line in deque(file, maxlen=lines))
        while True:
            line = file.readline()
            if line:
                yield line.rstrip("\n")
            else:
                time.sleep(_POLL)


def reason(path: Path, most: int = 5) -> str:
    """Why a start failed: the log's last error with its causes, else its last lines."""
    everything = [line for line in tail(path, 2000) if line.strip()]
    lines = [line for line in everything if not _NOISE.search(line)]
    meaningful = [n for n, line in enumerate(lines) if _MEANINGFUL.search(line)]
    if not meaningful:
        return "\n".join(everything[-most:])
    errors = [n for n in meaningful if " ERROR " in lines[n]]
    if not errors:  # the JVM itself failed, in plain words
        return "\n".join(lines[meaningful[0] :][:most])
    start = errors[-1]
    shown = [_TIME.sub("", lines[n].strip())[:_WIDTH] for n in meaningful if n >= start]
    # the root cause comes last; the frames between say little
    return "\n".join(shown[:2] + shown[2:][-(most - 2) :])
