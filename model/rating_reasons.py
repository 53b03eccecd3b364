"""What a predicted rating is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Self

import numpy as np
import numpy.typing as npt

from .data import IntArray

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class RatingReasons:
    """The parts of one predicted rating, which add up to it.

    ``parts`` are numbers by what they are, in words. ``contributions`` are those of
    ``neighbours``: items of the history by their index in the catalogue, or users by their
    place in train, as ``of`` says.
    """

    parts: Mapping[str, float]
    neighbours: IntArray = field(default_factory=lambda: np.zeros(0, np.int64))
    contributions: Floats = field(default_factory=lambda: np.zeros(0))
    of: Literal["items", "users"] = "items"

    @property
    def rating(self) -> float:
        """The sum of all parts."""
        return float(sum(self.parts.values()) + self.contributions.sum())

    def within(self, low: float, high: float) -> Self:
        """The same with a further part where the sum is outside of the scale."""
        beyond = min(max(self.rating, low), high) - self.rating
        if not beyond:
            return self
        return replace(self, parts={**self.parts, "limit of the scale": beyond})
