"""The lines of a table of timings: ours, the naive way, and whether both found the same."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")

COLUMNS = ("data set", "what", "seconds", "naive", "ratio", "same")


@dataclass(frozen=True)
class Line:
    """One row; ``naive`` is None where the naive way was not timed."""

    part: str
    seconds: float
    naive: float | None = None
    same: bool | None = None

    def cells(self, name: str) -> tuple[str, ...]:
        """Texts in the order of :data:`COLUMNS`."""
        cells = (name, self.part, f"{self.seconds:,.2f}")
        if self.naive is None:
            return (*cells, "", "", "")
        same = "" if self.same is None else ("yes" if self.same else "NO")
        return (*cells, f"{self.naive:,.2f}", f"{self.naive / self.seconds:,.1f}", same)


def show(cells: Iterable[str], markdown: bool) -> None:
    """Print one row."""
    if markdown:
        print("|", " | ".join(cells), "|", flush=True)
    else:
        name, part, *numbers = cells
        print(f"{name:10} {part:64}", *(f"{text:>9}" for text in numbers), flush=True)


def heading(markdown: bool) -> None:
    show(COLUMNS, markdown)
    if markdown:
        print("|---|---|--:|--:|--:|---|")


def timed(work: Callable[[], T], rounds: int = 1) -> tuple[float, T]:
    """Seconds of the last of ``rounds`` times, and what it returned."""
    for _ in range(rounds):
        began = time.perf_counter()
        result = work()
        seconds = time.perf_counter() - began
    return seconds, result
