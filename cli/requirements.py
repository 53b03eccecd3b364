"""Whether the packages that are found are those that reelgraph was tested with, or newer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import metadata

from ..errors import ReelgraphError

_LOWER_BOUND = re.compile(r"([A-Za-z0-9._-]+)[^;]*>=\s*([0-9.]+)[^;]*")


def check_requirements() -> None:
    """Refuse packages that are too old, however they came here: with them results are wrong.

    pip keeps to the bounds, but PYTHONPATH and ``--target`` do not.

    :raises ReelgraphError: names each package, its version, and what is needed.
    """
    try:
        declared = metadata.requires("reelgraph") or []
    except metadata.PackageNotFoundError:  # it runs from its source, without an installation
        return
    old = list(too_old(declared))
    if old:
        names = ", ".join(f"{name} {has} (needed: {needed} or newer)" for name, has, needed in old)
        wanted = " ".join(f"'{name}>={needed}'" for name, _, needed in old)
        raise ReelgraphError(
            f"packages are too old: {names}",
            f"python -m pip install --upgrade {wanted}; look at PYTHONPATH, too.",
        )


def too_old(requirements: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    """Name, version and lower bound of what is older than declared; extras are not looked at."""
    for one in requirements:
        found = _LOWER_BOUND.fullmatch(one)
        if found is None:
            continue
        name, needed = found.groups()
        try:
            has = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue  # importing it says so
        if _numbers(has) < _numbers(needed):
            yield name, has, needed


def _numbers(version: str) -> list[int]:
    """The numbers at the beginning, without zeros at their end: 3.0.0 is 3."""
    found = re.match(r"[0-9.]*", version)
    numbers = [int(one) for one in (found[0] if found else "").split(".") if one]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return numbers
