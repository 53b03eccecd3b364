"""How the stages tell what they do."""

from __future__ import annotations

import time
from collections.abc import Callable

Note = Callable[[str], None]


def since(began: float) -> str:
    """Seconds since a ``time.monotonic()`` value, for people."""
    return f"{time.monotonic() - began:.1f} s"
