"""What work tells while it goes on: a bar in a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from typing import Any

from tqdm import tqdm

_SECONDS = 2.0  # what takes less is not worth a line

Note = Callable[[str], None]
"""Takes a line about what was done."""


def seconds_since(began: float) -> str:
    """Seconds since a ``time.monotonic()`` value, for people."""
    return f"{monotonic() - began:.1f} s"


class ProgressBar(tqdm):  # type: ignore[type-arg]
    """A tqdm bar on stderr; where that is a file or a pipe, lines instead of redrawing.

    A line comes for every ten percent, and whenever the postfix changes, as at each epoch.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self._lines = not sys.stderr.isatty()
        self._began = monotonic()
        self._said = (0, "")
        options["file"] = sys.stderr
        super().__init__(*args, **options)

    def display(self, msg: str | None = None, pos: int | None = None) -> None:
        if not self._lines:
            super().display(msg, pos)
            return
        tenths = int(10 * self.n / self.total) if self.total else 0
        postfix = str(self.postfix or "")
        reached = tenths > self._said[0] and monotonic() - self._began >= _SECONDS
        if reached or (postfix and postfix != self._said[1]):
            self._said = tenths, postfix
            self.fp.write(f"{self._line(postfix)}\n")
            self.fp.flush()

    def close(self) -> None:
        if self._lines:
            self.disable = True  # there is no bar to draw a last time
        super().close()

    def _line(self, postfix: str) -> str:
        counts = [self.n, *([self.total] if self.total else [])]
        texts = [tqdm.format_sizeof(one) if self.unit_scale else f"{one:,}" for one in counts]
        percent = f"{100 * self.n // self.total} %, " if self.total else ""
        said = f"{self.desc or 'progress'}: {percent}{' of '.join(texts)} {self.unit.strip()}"
        return f"{said}, {postfix}" if postfix else said
