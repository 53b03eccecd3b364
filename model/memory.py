"""How much memory there is, and the words for a model that needs more."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil

from ..errors import MemoryNeedError
from .base import Model, Sizes
from .data import Interactions
from .needs import NOTHING, Supplied

if sys.platform != "win32":
    import resource

_CGROUPS = Path("/sys/fs/cgroup")
_V1 = _CGROUPS / "memory"
_WAYS_OUT = (
    "Give it more (ulimit -v, the container's limit, another machine), load fewer items, make "
    "the model smaller (--set), or take one that needs little: --model most-popular"
)
_UNLIMITED = 2**60  # version 1 of cgroups writes a number this large for no limit


def available() -> int:
    """Bytes that this process may still take.

    The least of what the machine, the control group (containers) and ``ulimit`` leave.
    """
    limit = _limit()
    limits = [*_groups()] if limit is None else [*_groups(), limit]
    return max(min([psutil.virtual_memory().available, *limits]), 0)


def need_memory(model: Model, data: Interactions, supplied: Supplied = NOTHING) -> None:
    """:raises MemoryNeedError: when the model needs more than there is; says how much."""
    sizes = Sizes.of(data, supplied)
    needed, there = model.memory(sizes), available()
    if needed > there:
        raise MemoryNeedError(
            f"model '{model.name}' needs about {gigabytes(needed)} of memory for "
            f"{sizes.items:,} items and {sizes.users:,} users, and {gigabytes(there)} are free",
            _WAYS_OUT,
        )


def out_of_memory(who: str) -> MemoryNeedError:
    """The error of something that took more memory than there is."""
    left = f"{gigabytes(available())} are free now"
    return MemoryNeedError(f"{who} ran out of memory ({left})", _WAYS_OUT)


def gigabytes(size: float) -> str:
    """A size for people: ``2.5 GB``, ``35 MB``.

    >>> gigabytes(2_490_000_000), gigabytes(35_000_000), gigabytes(12)
    ('2.5 GB', '35 MB', '1 MB')
    """
    if size >= 1e9:
        return f"{size / 1e9:,.1f} GB"
    return f"{max(round(size / 1e6), 1)} MB"


def peak() -> int:
    """The most memory that this process had since :func:`reset_peak`, in bytes.

    Where the system cannot forget an earlier peak, it is the most since the process began.
    """
    if sys.platform == "win32":
        return int(psutil.Process().memory_info().peak_wset)
    else:
        found = _fields(Path("/proc/self/status")).get("VmHWM")
        unit = 1 if sys.platform == "darwin" else 1024
        return found or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def reset_peak() -> None:
    """Begin a new peak, where the system lets a process do that (Linux)."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")


def _groups() -> Iterator[int]:
    """What the control groups of this process, from its own up to the root, leave."""
    for folder in _group_folders():
        for limit, used in (
            ("memory.max", "memory.current"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes"),
        ):
            most, taken = _number(folder / limit), _number(folder / used)
            if most is not None and taken is not None and most < _UNLIMITED:
                yield most - taken + _cached(folder)


def _group_folders() -> Iterator[Path]:
    yield from (_CGROUPS, _V1)  # as a container sees its own
    try:
        lines = Path("/proc/self/cgroup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        root = _V1 if "memory" in controllers.split(",") else _CGROUPS
        if controllers and root is _CGROUPS:
            continue
        place = Path(path.lstrip("/"))
        for part in (place, *place.parents):
            if part != Path():
                yield root / part


def _cached(folder: Path) -> int:
    """Bytes of files that the kernel lets go of first."""
    try:
        lines = (folder / "memory.stat").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    values = dict(line.split(" ", 1) for line in lines if " " in line)
    return int(values.get("inactive_file") or values.get("total_inactive_file") or 0)


def _limit() -> int | None:
    """What ``ulimit -v`` leaves."""
    if sys.platform == "win32":
        return None
    else:
        soft = resource.getrlimit(resource.RLIMIT_AS)[0]
        if soft == resource.RLIM_INFINITY:
            return None
        return soft - _fields(Path("/proc/self/status")).get("VmSize", 0)


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # 'max' is no limit
        return None


def _fields(path: Path) -> dict[str, int]:
    """``Name: 12 kB`` lines in bytes."""
    try:
        rows = [line.split() for line in path.read_text(encoding="utf-8").splitlines()]
    except OSError:
        return {}
    return {row[0].rstrip(":"): int(row[1]) * 1024 for row in rows if row[2:] == ["kB"]}
