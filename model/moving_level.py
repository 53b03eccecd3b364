"""A user's level of rating that moves: one number per event, near that of the event before it.

``a_1 ~ N(0, v)``, ``a_{t+1} = φ a_t + N(0, v (1 - φ²))``, so each has variance ``v`` and two that
are ``k`` events apart the covariance ``v φ^k``. The inverse covariance of all levels of a history
is tridiagonal, so everything here takes time in the number of events: with noise of precision α
on what is seen of them, ``M = T⁻¹ + α I`` is the precision of the levels, and
``(T + I / α)⁻¹ = α I - α² M⁻¹``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_solve_banded, cholesky_banded, solve_banded

from .data import IntArray

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Levels:
    """Levels of histories one after the other; history ``n`` has events ``offsets[n]`` on.

    :param memory: events after which a level has forgotten all but 1 / e: ``φ = exp(-1 / memory)``.
    """

    offsets: IntArray
    memory: float

    @property
    def decay(self) -> float:
        """``φ``."""
        return math.exp(-1 / self.memory)

    def root(self, variance: float, noise: float) -> Floats:
        """``U`` of ``M = UᵀU``: diagonals above and on the main one, ``(2, events)``."""
        squared, lengths = self.decay**2, np.diff(self.offsets)
        first, last = self.offsets[:-1][lengths > 0], self.offsets[1:][lengths > 0] - 1
        precision = np.full((2, int(self.offsets[-1])), 1 + squared)
        precision[1, first] -= squared
        precision[1, last] -= squared
        precision[0] = -self.decay
        precision[0, first] = 0
        precision /= variance * (1 - squared)
        precision[1] += noise
        return np.asarray(cholesky_banded(precision)) if precision.size else precision

    def draw(
        self, root: Floats, noise: float, seen: Floats, generator: np.random.Generator
    ) -> Floats:
        """Levels given what is seen of them, ``N(M⁻¹ α e, M⁻¹)``: ``(events,)``."""
        free = solve_banded((0, 1), root, generator.standard_normal(len(seen)))
        return np.asarray(solved(root, noise * seen) + free)

    def draw_variance(self, levels: Floats, generator: np.random.Generator) -> float:
        """``v`` given the levels."""
        moved, squared = levels.copy(), self.decay**2
        moved[1:] -= self.decay * levels[:-1]
        first = self.offsets[:-1][np.diff(self.offsets) > 0]
        moved[first] = math.sqrt(1 - squared) * levels[first]
        spread = float((moved**2).sum()) / (1 - squared)
        return 1 / float(generator.gamma((len(levels) + 1) / 2, 2 / (1 + spread)))


def solved(root: Floats, seen: Floats) -> Floats:
    """``M⁻¹ b`` of each column of ``(events,)`` or ``(events, columns)``."""
    return np.asarray(cho_solve_banded((root, False), seen)) if len(seen) else seen
