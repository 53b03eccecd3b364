"""Whether numbers that are called ratings are counts, such as how often a song was played."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

_WIDEST = 100  # no usual scale of ratings goes further
_USUAL = 10  # up to here values alone cannot tell


@dataclass
class Scale:
    """What the values of a column are spread over; values are added in chunks."""

    least: float = np.inf
    most: float = -np.inf
    whole: bool = True
    rows: Counter[float] = field(default_factory=Counter)

    @classmethod
    def of(cls, values: pd.Series[Any]) -> Scale:
        found = cls()
        found.add(values)
        return found

    def add(self, values: pd.Series[Any]) -> None:
        """Take in further values; missing ones are passed over."""
        found = values.dropna().astype("float64")
        if found.empty:
            return
        self.least = min(self.least, float(found.min()))
        self.most = max(self.most, float(found.max()))
        self.whole = self.whole and bool((found % 1 == 0).all())
        clipped = found.clip(-_WIDEST, _WIDEST).round()
        counts = clipped.value_counts()
        self.rows.update(dict(zip(counts.index.tolist(), counts.tolist(), strict=True)))

    @property
    def is_count(self) -> bool:
        """Beyond every usual scale; or whole, beyond ten, and most of them near the bottom."""
        if self.least < 0 or self.most <= _USUAL:
            return False
        return self.most > _WIDEST or (self.whole and self._middle() <= self.most / 5)

    def _middle(self) -> float:
        passed, half = 0, self.rows.total() / 2
        for value in sorted(self.rows):
            passed += self.rows[value]
            if passed >= half:
                return value
        return np.nan

    def __str__(self) -> str:
        return f"{_plain(self.least)} to {_plain(self.most)}"


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value % 1 == 0 else f"{value:,g}"
