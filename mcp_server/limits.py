"""How much one call of a tool may cost."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Of each call: seconds of a transaction, rows of a query, tokens of an answer."""

    seconds: float = 30.0
    rows: int = 50
    tokens: int = 2_000
